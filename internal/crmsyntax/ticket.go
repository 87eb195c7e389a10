// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Tickets of a multi-site cluster:
//
//	rsc_ticket ID TICKET: RSC[:ROLE] [loss-policy=POLICY]
//	rsc_ticket ID TICKET: SETS [loss-policy=POLICY]

var lossPolicies = []string{"stop", "demote", "fence", "freeze"}

func (c *cursor) parseTicket() *etree.Element {
	el := etree.NewElement("rsc_ticket")
	c.objectID(el)
	tok := c.scoreWord("TICKET:")
	el.CreateAttr("ticket", strings.TrimSuffix(tok.text, ":"))
	if _, value, tok, ok := c.tailOption("loss-policy"); ok {
		el.CreateAttr("loss-policy", c.choice(tok, value, "loss policy", lossPolicies))
	}
	c.plainOrSets(el, "role", "rsc")
	return el
}

func (p *printer) printTicket(el *etree.Element) []string {
	words := []string{"rsc_ticket", el.SelectAttrValue("id", ""), quoteWord(el.SelectAttrValue("ticket", "") + ":")}
	words = append(words, printPlainOrSets(el, "role", "rsc")...)
	if policy := el.SelectAttr("loss-policy"); policy != nil {
		words = append(words, nameValue("loss-policy", policy.Value))
	}
	return []string{strings.Join(words, " ")}
}
