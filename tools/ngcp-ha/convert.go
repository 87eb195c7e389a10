// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/heartbeat"
	"ocf-oci/internal/heartbeatconvert"
	"ocf-oci/internal/plainfile"
)

func convertCommand() *cli.Command {
	return &cli.Command{
		Name:  "convert",
		Usage: "what a Heartbeat pair would be under corosync and pacemaker",
		Description: "Reads ha.cf, haresources and, if it is there, authkeys, and writes corosync.conf, cluster.crm and, if Heartbeat\n" +
			"signed with a secret, authkey. Works anywhere and changes nothing else. Every directive is listed with what became\n" +
			"of it; those without counterpart are no failure.\n\n" +
			"Addresses of the nodes come from --node, else from network.yml (--network; by default beside ha.cf, or in\n" +
			"/etc/ngcp-config), else from the ucast lines in the order of the node lines, with a warning.\n\n" +
			"Exit codes: 0 converted, 1 an entry of haresources cannot be translated or a file is wrong, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha convert --from /etc/ha.d --to /tmp/new\n" +
			"   ngcp-ha convert --from ha.d --to new --node sp1=192.168.255.251 --node sp2=192.168.255.252",
		Flags: []cli.Flag{
			commandline.JSONFlag(),
			&cli.StringFlag{Name: "from", Usage: "read the files of Heartbeat in `DIR`"},
			&cli.StringFlag{Name: "to", Usage: "write the new files into `DIR`, which is made"},
			&cli.StringSliceFlag{Name: "node", Usage: "`NAME=ADDRESS` of a node on the internal network; for each node"},
			&cli.StringFlag{Name: "network", Usage: "take addresses of nodes from network.yml in `FILE`"},
			&cli.StringFlag{Name: "fencing", Usage: "`KIND` null (the handbook's st-null) or none (stonith-enabled=false, for systems without cluster-glue)", Value: "null"},
			&cli.BoolFlag{Name: "force", Usage: "replace other files of these names"},
		},
		Action: convert,
	}
}

func convert(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	if c.String("from") == "" || c.String("to") == "" {
		return commandline.Usagef("convert: --from DIR and --to DIR are needed; see ngcp-ha convert --help")
	}
	from := heartbeatconvert.Input{Dir: c.String("from"), Network: c.String("network"), Nodes: map[string]netip.Addr{}}
	for _, n := range c.StringSlice("node") {
		name, text, ok := strings.Cut(n, "=")
		a, err := netip.ParseAddr(text)
		if !ok || name == "" || err != nil {
			return commandline.Usagef("convert: --node %q: write NAME=ADDRESS", n)
		}
		from.Nodes[strings.ToLower(name)] = a
	}
	switch c.String("fencing") {
	case "null":
	case "none":
		from.Fence = heartbeatconvert.NoFencing
	default:
		return commandline.Usagef("convert: --fencing %q: use null or none", c.String("fencing"))
	}
	source, err := heartbeatconvert.Read(from)
	if err != nil {
		return commandline.WithCode(commandline.Failed, err)
	}
	result, convErr := heartbeatconvert.Convert(source)
	written := []string{}
	if convErr == nil {
		if written, err = writeConverted(c.String("to"), result, c.Bool("force")); err != nil {
			return commandline.WithCode(commandline.Failed, err)
		}
	}
	if err := reportConversion(c, result, heartbeatconvert.Untranslatable(convErr), written); err != nil {
		return err
	}
	return commandline.WithCode(commandline.Failed, convErr)
}

// writeConverted writes the files, all or none of them over what is there.
func writeConverted(dir string, r heartbeatconvert.Result, force bool) ([]string, error) {
	files := r.Files()
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		old, err := plainfile.Read(path, 16<<20)
		if err == nil && !force && string(old) != string(f.Content) {
			return nil, fmt.Errorf("%s exists with other content: take another --to, or replace it with --force", path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look at what is in --to: %w", err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of --to: %w", err)
	}
	var whole []plainfile.File
	var written []string
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		whole = append(whole, plainfile.File{Path: path, Content: f.Content, Mode: f.Mode})
		written = append(written, path)
	}
	if err := plainfile.Write(false, whole...); err != nil {
		return nil, err
	}
	return written, nil
}

func reportConversion(c *cli.Context, r heartbeatconvert.Result, errs heartbeat.Errors, written []string) error {
	if c.Bool("json") {
		failed := []string{}
		for _, e := range errs {
			failed = append(failed, e.Error())
		}
		return commandline.PrintJSON(c, map[string]any{"findings": r.Findings, "errors": failed, "written": written})
	}
	dropped := 0
	for _, f := range r.Findings {
		if f.Outcome == heartbeatconvert.Dropped {
			dropped++
		}
		fmt.Fprintln(c.App.Writer, f)
	}
	if len(written) > 0 {
		fmt.Fprintf(c.App.Writer, "%d of %d directives have no counterpart. Written: %s\n", dropped, len(r.Findings), strings.Join(written, ", "))
	}
	return nil
}
