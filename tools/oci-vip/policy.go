// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/iampolicy"
	"ocf-oci/internal/imds"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/readiness"
)

func policyCommand() *cli.Command {
	return &cli.Command{
		Name:  "policy",
		Usage: "the IAM policy and the dynamic group that these nodes need, and no more",
		Description: "Reads the cluster's resources of ocf:oci:IPaddr2 and asks the instance metadata for the compartment. What\n" +
			"these do not tell is given by flags; away from a node everything is.\n\n" +
			"Examples:\n" +
			"   oci-vip policy\n" +
			"   oci-vip policy --instance ocid1.instance.oc1..aaa --instance ocid1.instance.oc1..bbb --terraform >policy.tf\n" +
			"   oci-vip policy --compartment network --existing      the private IPs exist, a start need not make them",
		Flags: []cli.Flag{
			commandline.JSONFlag(),
			&cli.BoolFlag{Name: "terraform", Usage: "print Terraform for the provider oracle/oci"},
			&cli.BoolFlag{Name: "plain", Usage: "without conditions: every permission of the verbs"},
			&cli.BoolFlag{Name: "existing", Usage: "leave out the rights to make addresses: they all exist"},
			&cli.StringFlag{Name: "group", Usage: "`NAME` of the dynamic group (with API keys: of the users' group)", Value: "cluster-nodes"},
			&cli.StringFlag{Name: "compartment", Usage: "name or `OCID` of the compartment of VNICs, subnets and addresses (default: this instance's)"},
			&cli.StringSliceFlag{Name: "instance", Usage: "`OCID` of a node, once for each (default: every instance of this one's compartment)"},
		},
		Action: policy,
	}
}

// policyDocument is the JSON form.
type policyDocument struct {
	DynamicGroup string                `json:"dynamic_group,omitempty"`
	MatchingRule string                `json:"matching_rule,omitempty"`
	Statements   []string              `json:"statements"`
	Details      []iampolicy.Statement `json:"details"`
}

func policy(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context, 10*time.Second)
	defer cancel()
	config, err := cib.Query(ctx, commandline.Environ(c))
	if err != nil && !errors.Is(err, cib.ErrNoCluster) {
		return err
	}
	needs, user := needsOf(config)
	needs.Create = !c.Bool("existing")
	who := iampolicy.Subject{Group: c.String("group"), User: user, Compartment: c.String("compartment"), Instances: c.StringSlice("instance")}
	if err := locate(ctx, &who); err != nil {
		return err
	}
	list := iampolicy.Statements(needs)
	if c.Bool("terraform") {
		fmt.Fprint(c.App.Writer, iampolicy.Terraform(list, who, c.Bool("plain")))
		return nil
	}
	return printPolicy(c, list, who)
}

// needsOf reads the resources. Without any, the policy is for an IPv4 address.
func needsOf(config *cib.CIB) (needs iampolicy.Needs, user bool) {
	if config == nil {
		return iampolicy.Needs{IPv4: true}, false
	}
	for _, p := range readiness.Resources(config) {
		for _, ip := range floats([]cib.Primitive{p}) {
			needs.IPv4 = needs.IPv4 || ip.Is4()
			needs.IPv6 = needs.IPv6 || ip.Is6()
		}
		needs.Detach = needs.Detach || p.Params["release"] == "detach"
		user = user || p.Params["auth"] == "api_key"
	}
	needs.IPv4 = needs.IPv4 || !needs.IPv6
	return needs, user
}

// locate asks the instance metadata for what no flag says.
func locate(ctx context.Context, who *iampolicy.Subject) error {
	grouped := who.User || len(who.Instances) > 0
	if grouped && who.Compartment != "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	here, err := imds.New(imds.Options{}).Instance(ctx)
	if err != nil {
		return fmt.Errorf("this is no node that instance metadata speaks to; give --compartment and --instance: %w", err)
	}
	who.InstanceCompartment = here.Compartment
	if who.Compartment == "" {
		who.Compartment = here.Compartment
	}
	return nil
}

func printPolicy(c *cli.Context, list []iampolicy.Statement, who iampolicy.Subject) error {
	doc := policyDocument{MatchingRule: who.MatchingRule(), Details: list, Statements: []string{}}
	if doc.MatchingRule != "" {
		doc.DynamicGroup = who.Group
	}
	for _, s := range list {
		doc.Statements = append(doc.Statements, s.Text(who, c.Bool("plain")))
	}
	if c.Bool("json") {
		return commandline.PrintJSON(c, doc)
	}
	w := c.App.Writer
	if doc.MatchingRule != "" {
		fmt.Fprintf(w, "# dynamic group %s, matching rule:\n#   %s\n", who.Group, doc.MatchingRule)
		if len(who.Instances) == 0 {
			fmt.Fprintf(w, "# This takes every instance of the compartment; --instance OCID, once for each node, takes the nodes only.\n")
		}
	}
	for i, s := range doc.Statements {
		fmt.Fprintf(w, "# %s\n%s\n", list[i].Why, s)
	}
	return nil
}
