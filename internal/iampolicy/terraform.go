// SPDX-License-Identifier: Apache-2.0

package iampolicy

import (
	"fmt"
	"strings"
)

// Terraform is the policy, and the dynamic group if there is one, for the provider oracle/oci. The tenancy's OCID stays
// a variable: dynamic groups live in the root compartment, and instance metadata need not tell it.
func Terraform(list []Statement, who Subject, plain bool) string {
	var b strings.Builder
	b.WriteString("variable \"tenancy_ocid\" {\n  type = string\n}\n\n")
	compartment := "var.tenancy_ocid"
	if strings.HasPrefix(who.Compartment, "ocid1.") {
		compartment = quote(who.Compartment)
	}
	if rule := who.MatchingRule(); rule != "" {
		fmt.Fprintf(&b, "resource \"oci_identity_dynamic_group\" \"floating_addresses\" {\n")
		fmt.Fprintf(&b, "  compartment_id = var.tenancy_ocid\n  name           = %s\n", quote(who.Group))
		fmt.Fprintf(&b, "  description    = \"Nodes that move floating addresses (ocf:oci:IPaddr2)\"\n  matching_rule  = %s\n}\n\n", quote(rule))
	}
	fmt.Fprintf(&b, "resource \"oci_identity_policy\" \"floating_addresses\" {\n  compartment_id = %s\n", compartment)
	fmt.Fprintf(&b, "  name           = %s\n  description    = \"What ocf:oci:IPaddr2 needs to move floating addresses\"\n  statements = [\n", quote(who.Group+"-floating-addresses"))
	for _, s := range list {
		fmt.Fprintf(&b, "    %s,\n", quote(s.Text(who, plain)))
	}
	b.WriteString("  ]\n")
	if who.MatchingRule() != "" {
		b.WriteString("  depends_on = [oci_identity_dynamic_group.floating_addresses]\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// quote writes a string of HCL, in which ${ and %{ begin templates.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "${", "$${", "%{", "%%{").Replace(s) + `"`
}
