// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"ocf-oci/lab/cluster"
	"ocf-oci/lab/fabric"
	"ocf-oci/lab/region"
)

// lockFD is where Up passes the lab's lock to the daemon.
const lockFD = 3

// daemon is a running lab.
type daemon struct {
	folder  folder
	state   State
	topo    Topology
	fabric  *fabric.Fabric
	region  *region.Region // nil without cloud
	cluster *cluster.Cluster
	gate    *gate // nil without cloud
	log     *slog.Logger
}

// Serve is the daemon of the lab called name, whose folder Up made and whose lock is file descriptor 3. It reports
// progress as JSON lines on out, and serves until it gets SIGTERM or ctx ends. It removes nothing: Down does.
func Serve(ctx context.Context, name string, out io.Writer) error {
	// The nodes must not inherit the lock, or it would outlive this process.
	syscall.CloseOnExec(lockFD)
	lock := os.NewFile(lockFD, "lock")
	if err := unix.Flock(lockFD, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return fmt.Errorf("serve lab %s: started without its lock, use ocf-lab up: %w", name, err)
	}
	defer lock.Close() // not before: a forgotten file would be closed by the garbage collector
	// Whoever started us may be gone when we report.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	d := &daemon{folder: folderOf(name), log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	err := d.run(ctx, out)
	if err != nil && ctx.Err() == nil {
		progress{Error: err.Error()}.write(out)
	}
	return err
}

func (d *daemon) run(ctx context.Context, out io.Writer) error {
	var err error
	if d.state, err = d.folder.load(); err != nil {
		return err
	}
	d.state.Daemon = os.Getpid()
	if err := d.folder.save(d.state); err != nil {
		return err
	}
	o := d.state.Options
	if d.topo, err = topology(o.Scenario, o.Nodes); err != nil {
		return err
	}
	report := newReporter(out)
	defer report.stop()
	step := report.step
	step("network %s-vcn", o.Name)
	if err := d.makeNetwork(ctx); err != nil {
		return err
	}
	if d.region != nil {
		defer d.region.Close()
		api, auth := d.region.HostNames()
		step("region %s: %s (%s), %s (%s), metadata (%s)", d.region.Spec().Region, api, addrAPI, auth, addrAuth, addrIMDS)
	}
	step("nodes %s: preparing their file systems", names(d.topo.Nodes))
	if err := d.makeNodes(ctx); err != nil {
		return err
	}
	server, err := d.listen()
	if err != nil {
		return err
	}
	defer server.Close()
	step("nodes %s: booting", names(d.topo.Nodes))
	if err := d.boot(ctx, step); err != nil {
		return err
	}
	if o.Cluster {
		times, err := d.cluster.Setup(ctx, clusterName(o.Scenario), cluster.SetupOptions{
			Enable: true, Step: func(what string) { step("cluster: %s", what) },
		})
		if err != nil {
			return err
		}
		if err := d.withoutFencing(ctx); err != nil {
			return err
		}
		step("cluster: the lab has no fencing device: stonith-enabled=false")
		step("cluster: online (auth %.1fs, setup %.1fs, start %.1fs, online %.1fs)",
			times.Auth.Seconds(), times.Setup.Seconds(), times.Start.Seconds(), times.Online.Seconds())
	}
	d.state.Ready = true
	if err := d.folder.save(d.state); err != nil {
		return err
	}
	step("ready")
	report.stop()
	progress{Ready: true}.write(out)
	if c, ok := out.(io.Closer); ok {
		c.Close() // whoever started us reads until the end
	}
	<-ctx.Done()
	return nil
}

// boot boots all nodes at once and tells when each is up.
func (d *daemon) boot(ctx context.Context, step func(string, ...any)) error {
	var g errgroup.Group
	for _, n := range d.cluster.Nodes() {
		g.Go(func() error {
			err := n.Boot(ctx)
			if err == nil {
				step("node %s: up", n.Name())
			}
			return err
		})
	}
	return g.Wait()
}

// withoutFencing lets pacemaker start resources: with stonith-enabled left at true and no device it starts none.
func (d *daemon) withoutFencing(ctx context.Context) error {
	_, err := d.cluster.Nodes()[0].Output(ctx, "crm_attribute", "--type", "crm_config", "--name", "stonith-enabled", "--update", "false")
	if err != nil {
		return fmt.Errorf("set stonith-enabled=false, since the lab has no fencing device: %w", err)
	}
	return nil
}

// clusterName is what the documents call these clusters.
func clusterName(s Scenario) string {
	return map[Scenario]string{Router: "virtualrouter", NGCP: "sp", Plain: "plain"}[s]
}

func (d *daemon) makeNodes(ctx context.Context) error {
	o := d.state.Options
	cfg := cluster.Config{
		Lab: o.Name, Dir: string(d.folder), Root: o.Root, Files: o.programs(), Daemons: o.Daemons, Network: d,
	}
	if d.region != nil {
		api, auth := d.region.HostNames()
		cfg.Hosts = []string{addrAPI.Addr().String() + " " + api, addrAuth.Addr().String() + " " + auth}
		cfg.CA, cfg.AssetTag = d.region.CACertificate(), cluster.OracleCloud
		key, err := d.operatorKey()
		if err != nil {
			return err
		}
		maps.Copy(cfg.Files, key)
	}
	for _, m := range d.topo.Nodes {
		cfg.Nodes = append(cfg.Nodes, cluster.NodeConfig{Name: m.Name, Address: m.Address.String()})
	}
	for _, m := range d.topo.Hosts {
		cfg.Hosts = append(cfg.Hosts, m.Cards[0].IP.String()+" "+m.Name)
	}
	var err error
	d.cluster, err = cluster.Create(ctx, cfg)
	return err
}

// listen serves the control socket: the region's own paths, and the lab's below /lab/.
func (d *daemon) listen() (*http.Server, error) {
	l, err := net.Listen("unix", d.folder.socket())
	if err != nil {
		return nil, fmt.Errorf("listen on the control socket: %w", err)
	}
	server := &http.Server{Handler: d.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("control socket", "error", err)
		}
	}()
	return server, nil
}
