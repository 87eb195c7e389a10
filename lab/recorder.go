// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"ocf-oci/lab/fabric"
	"ocf-oci/lab/probe"
)

// DefaultInterval is the packet recorder's pace.
const DefaultInterval = 5 * time.Millisecond

// ProbeReport is what the packet recorders saw.
type ProbeReport struct {
	Schema     int                  `json:"schema"`
	Running    bool                 `json:"running"`
	IntervalMS float64              `json:"interval_ms"`
	Streams    []probe.StreamReport `json:"streams"`
}

// Stream finds a stream by name; the zero value when there is none.
func (r ProbeReport) Stream(name string) probe.StreamReport {
	for _, s := range r.Streams {
		if s.Name == name {
			return s
		}
	}
	return probe.StreamReport{}
}

func (l *Lab) probeDir() string { return l.folder.probeDir() }

func (f folder) probeDir() string { return f.path("probe") }

// StartProbe starts the packet recorders: one process per host that streams start from. No streams: those of the
// scenario. What was recorded before is forgotten. It returns when all of them send.
func (l *Lab) StartProbe(ctx context.Context, interval time.Duration, streams ...Stream) error {
	if interval == 0 {
		interval = DefaultInterval
	}
	if len(streams) == 0 {
		streams = l.topo.Streams
	}
	if hosts, err := l.folder.probeHosts(); err != nil {
		return err
	} else if running := l.folder.runningProbes(hosts); len(running) > 0 {
		return fmt.Errorf("start the packet recorder: it runs already in %s: use probe stop first", strings.Join(running, ", "))
	}
	if err := os.RemoveAll(l.probeDir()); err != nil {
		return fmt.Errorf("start the packet recorder: %w", err)
	}
	if err := os.Mkdir(l.probeDir(), 0o755); err != nil {
		return fmt.Errorf("start the packet recorder: %w", err)
	}
	byHost := map[string][]string{}
	for _, s := range streams {
		if _, err := l.topo.machine(s.Host); err != nil {
			return fmt.Errorf("start the packet recorder: %w", err)
		}
		byHost[s.Host] = append(byHost[s.Host], "--stream", FormatStream(s))
	}
	for host, args := range byHost {
		if err := l.startRecorder(ctx, host, interval, args); err != nil {
			_, serr := l.StopProbe(context.WithoutCancel(ctx))
			return errors.Join(fmt.Errorf("start the packet recorder in %s: %w", host, err), serr)
		}
	}
	return nil
}

// startRecorder starts one recorder, which outlives this process, and waits until it is ready.
func (l *Lab) startRecorder(ctx context.Context, host string, interval time.Duration, streams []string) error {
	log, err := os.Create(filepath.Join(l.probeDir(), host+".err"))
	if err != nil {
		return err
	}
	defer log.Close()
	args := append([]string{"probe", "record", "--dir", l.probeDir(), "--host", host, "--interval", interval.String()}, streams...)
	cmd := exec.Command(filepath.Join(l.options.Bin, "ocf-lab"), args...)
	cmd.Stderr, cmd.Dir = log, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := fabric.Inside(fabric.NamespacePath(l.Name()+"-"+host), cmd.Start); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	header := filepath.Join(l.probeDir(), host+".json")
	for {
		if _, err := os.Stat(header); err == nil {
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("it ended (%v): %s", err, lastLine(log.Name()))
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Probing tells whether a packet recorder is running.
func (l *Lab) Probing() (bool, error) {
	hosts, err := l.folder.probeHosts()
	return len(l.folder.runningProbes(hosts)) > 0, err
}

// StopProbe stops the packet recorders and returns the whole report.
func (l *Lab) StopProbe(ctx context.Context) (ProbeReport, error) {
	if err := l.folder.stopRecorders(ctx); err != nil {
		return ProbeReport{}, err
	}
	return l.ReportProbe(probe.Window{}, false)
}

func (f folder) stopRecorders(ctx context.Context) error {
	hosts, err := f.probeHosts()
	if err != nil {
		return err
	}
	for _, host := range hosts {
		// While the log is locked the process is the recorder, not another one with its ID.
		pid, err := probe.PID(f.probeDir(), host)
		if err != nil {
			return err
		}
		if pid == 0 {
			continue
		}
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the packet recorder in %s: %w", host, err)
		}
	}
	for len(f.runningProbes(hosts)) > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the packet recorder to stop: %w", context.Cause(ctx))
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// ReportProbe sums up what was sent in a window of time so far; with series it lists every packet.
func (l *Lab) ReportProbe(w probe.Window, series bool) (ProbeReport, error) {
	rep := ProbeReport{Schema: Schema, Streams: []probe.StreamReport{}}
	hosts, err := l.folder.probeHosts()
	if err != nil {
		return rep, err
	}
	if len(hosts) == 0 {
		return rep, fmt.Errorf("nothing was recorded in lab %s: use probe start first: %w", l.Name(), fs.ErrNotExist)
	}
	for _, host := range hosts {
		r, err := probe.Read(l.probeDir(), host)
		if err != nil {
			return rep, err
		}
		rep.Running = rep.Running || r.Running
		rep.IntervalMS = float64(r.Header.Interval.Microseconds()) / 1000
		rep.Streams = append(rep.Streams, r.Report(w, series)...)
	}
	return rep, nil
}

// probeHosts are the hosts with a recording.
func (f folder) probeHosts() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(f.probeDir(), "*.json"))
	if err != nil {
		return nil, fmt.Errorf("find recordings: %w", err)
	}
	var hosts []string
	for _, file := range files {
		hosts = append(hosts, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	return hosts, nil
}

func (f folder) runningProbes(hosts []string) []string {
	var running []string
	for _, h := range hosts {
		if probe.Running(f.probeDir(), h) {
			running = append(running, h)
		}
	}
	return running
}
