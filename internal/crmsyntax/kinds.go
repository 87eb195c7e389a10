// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import "github.com/beevik/etree"

// kind describes one sort of object.
type kind struct {
	word    string   // how it is printed
	aliases []string // other spellings that are read
	tag     string   // its element in the CIB
	section string   // where the element lives, below <configuration>
}

// kinds are all sorts of objects in the order in which crmsh puts them into
// the CIB, whatever their order in the file: what others refer to goes first.
// Equal ranks keep the order of the file. The order of resources matters to
// the cluster, which allocates equal ones in the order of the CIB.
var kinds = [][]*kind{
	{{word: "node", tag: "node", section: "nodes"}},
	{{word: "rsc_template", tag: "template", section: "resources"}},
	{{word: "primitive", tag: "primitive", section: "resources"}},
	{{word: "bundle", tag: "bundle", section: "resources"}},
	{{word: "group", tag: "group", section: "resources"}},
	{{word: "ms", aliases: []string{"master"}, tag: "master", section: "resources"}},
	{{word: "clone", tag: "clone", section: "resources"}},
	{{word: "monitor", tag: "op"}}, // goes into its primitive
	{{word: "tag", tag: "tag", section: "tags"}},
	{
		{word: "location", tag: "rsc_location", section: "constraints"},
		{word: "colocation", aliases: []string{"collocation"}, tag: "rsc_colocation", section: "constraints"},
		{word: "order", tag: "rsc_order", section: "constraints"},
	},
	{
		{word: "rsc_ticket", tag: "rsc_ticket", section: "constraints"},
		{word: "fencing_topology", aliases: []string{"fencing-topology"}, tag: "fencing-topology"},
	},
	{{word: "property", tag: "cluster_property_set", section: "crm_config"}},
	{{word: "rsc_defaults", tag: "meta_attributes", section: "rsc_defaults"}},
	{{word: "op_defaults", tag: "meta_attributes", section: "op_defaults"}},
	{{word: "role", tag: "acl_role", section: "acls"}},
	{
		{word: "acl_target", tag: "acl_target", section: "acls"},
		{word: "acl_group", tag: "acl_group", section: "acls"},
		{word: "user", tag: "acl_user", section: "acls"},
	},
	{{word: "alert", tag: "alert", section: "alerts"}},
}

// sections of <configuration> in the order in which they are written.
var sections = []string{
	"crm_config", "nodes", "resources", "constraints", "tags", "fencing-topology",
	"acls", "rsc_defaults", "op_defaults", "alerts",
}

// alwaysThere are the sections that the schema demands even when empty.
var alwaysThere = map[string]bool{"crm_config": true, "nodes": true, "resources": true, "constraints": true}

var (
	kindByWord = map[string]*kind{}
	rankOf     = map[*kind]int{}
	kindWords  []string // for suggestions
)

func init() {
	for rank, list := range kinds {
		for _, k := range list {
			rankOf[k] = rank
			for _, word := range append([]string{k.word}, k.aliases...) {
				kindByWord[word] = k
				kindWords = append(kindWords, word)
			}
		}
	}
	kindWords = append(kindWords, "xml")
}

// kindOfElement returns the kind of an object's element that lives in the
// given section (meta_attributes is an object in two of them).
func kindOfElement(tag, section string) *kind {
	for _, list := range kinds {
		for _, k := range list {
			if k.tag == tag && k.section == section {
				return k
			}
		}
	}
	return nil
}

// parseObject reads the words after the keyword.
func (c *cursor) parseObject() *etree.Element {
	switch c.kind.word {
	case "node":
		return c.parseNode()
	case "primitive", "rsc_template":
		return c.parsePrimitive()
	case "group":
		return c.parseGroup()
	case "clone", "ms":
		return c.parseClone()
	case "bundle":
		return c.parseBundle()
	case "location":
		return c.parseLocation()
	case "colocation":
		return c.parseColocation()
	case "order":
		return c.parseOrder()
	case "rsc_ticket":
		return c.parseTicket()
	case "property", "rsc_defaults", "op_defaults":
		return c.parseProperties()
	case "monitor":
		return c.parseMonitor()
	case "fencing_topology":
		return c.parseFencing()
	case "tag":
		return c.parseTag()
	case "role":
		return c.parseACLRole()
	case "acl_target", "acl_group":
		return c.parseACLTarget()
	case "user":
		return c.parseACLUser()
	default:
		return c.parseAlert()
	}
}

// printObject writes an object, one string a line.
func (p *printer) printObject(k *kind, el *etree.Element) []string {
	switch k.word {
	case "node":
		return p.printNode(el)
	case "primitive", "rsc_template":
		return p.printPrimitive(k, el)
	case "group", "clone", "ms":
		return p.printContainer(k, el)
	case "bundle":
		return p.printBundle(el)
	case "location":
		return p.printLocation(el)
	case "colocation":
		return p.printColocation(el)
	case "order":
		return p.printOrder(el)
	case "rsc_ticket":
		return p.printTicket(el)
	case "property", "rsc_defaults", "op_defaults":
		return p.printProperties(k, el)
	case "fencing_topology":
		return p.printFencing(el)
	case "tag":
		return p.printTag(el)
	case "role":
		return p.printACLRole(el)
	case "acl_target", "acl_group":
		return p.printACLTarget(k, el)
	case "user":
		return p.printACLUser(el)
	default:
		return p.printAlert(el)
	}
}
