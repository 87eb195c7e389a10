// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Stream is a series of echo requests.
type Stream struct {
	Name string     `json:"name"`
	Host string     `json:"host"` // where it starts
	To   netip.Addr `json:"to"`
}

// Header is HOST.json.
type Header struct {
	Host     string        `json:"host"`
	PID      int           `json:"pid"`
	Interval time.Duration `json:"interval"`
	Streams  []Stream      `json:"streams"`
	// Start is the wall clock at the monotonic time Mono.
	Start time.Time     `json:"start"`
	Mono  time.Duration `json:"mono"`
}

// The log is a row of 16-byte records: kind, number of the stream, two bytes of nothing, sequence number (4), time on
// the monotonic clock in nanoseconds (8), little endian.
const (
	recordSize = 16
	kindSent   = 1
	kindGot    = 2
)

// now is the monotonic clock, which all processes and network namespaces share.
func now() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(fmt.Sprintf("read the monotonic clock: %v", err)) // it is always there
	}
	return time.Duration(ts.Nano())
}

// writer appends records. Its methods may be called from several goroutines.
type writer struct {
	mu  sync.Mutex
	buf *bufio.Writer
	err error
}

func newWriter(to io.Writer) *writer { return &writer{buf: bufio.NewWriterSize(to, 1<<16)} }

func (w *writer) put(kind byte, stream int, seq uint32, at time.Duration) {
	var b [recordSize]byte
	b[0], b[1] = kind, byte(stream)
	binary.LittleEndian.PutUint32(b[4:], seq)
	binary.LittleEndian.PutUint64(b[8:], uint64(at))
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.buf.Write(b[:]); err != nil {
		w.err = err
	}
}

func (w *writer) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.err, w.buf.Flush())
}

// packet is one echo request.
type packet struct {
	sent time.Duration
	got  time.Duration // 0: no answer (yet)
}

// Recording is what a recorder has written so far.
type Recording struct {
	Header  Header
	Running bool
	packets [][]packet // by stream
}

// Running tells whether the recorder of a host in dir is alive.
func Running(dir, host string) bool {
	f, err := os.Open(filepath.Join(dir, host+".log"))
	if err != nil {
		return false
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) != nil
}

// PID is the recorder's process while it runs, else 0.
func PID(dir, host string) (int, error) {
	h, err := readHeader(dir, host)
	if err != nil || !Running(dir, host) {
		return 0, err
	}
	return h.PID, nil
}

// Read reads the recording of a host in dir.
func Read(dir, host string) (*Recording, error) {
	h, err := readHeader(dir, host)
	if err != nil {
		return nil, err
	}
	r := &Recording{Header: h, Running: Running(dir, host), packets: make([][]packet, len(h.Streams))}
	f, err := os.Open(filepath.Join(dir, host+".log"))
	if err != nil {
		return nil, fmt.Errorf("read the recording of %s: %w", host, err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	for {
		var b [recordSize]byte
		if _, err := io.ReadFull(in, b[:]); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return r, nil // a record that is only half there is being written
		} else if err != nil {
			return nil, fmt.Errorf("read the recording of %s: %w", host, err)
		}
		stream, seq := int(b[1]), int(binary.LittleEndian.Uint32(b[4:]))
		at := time.Duration(binary.LittleEndian.Uint64(b[8:]))
		if stream >= len(r.packets) {
			return nil, fmt.Errorf("read the recording of %s: stream %d of %d", host, stream, len(r.packets))
		}
		ps := r.packets[stream]
		switch {
		case b[0] == kindSent && seq == len(ps):
			r.packets[stream] = append(ps, packet{sent: at})
		case b[0] == kindGot && seq < len(ps):
			if ps[seq].got == 0 { // a duplicate answer changes nothing
				ps[seq].got = at
			}
		default:
			return nil, fmt.Errorf("read the recording of %s: record kind %d, number %d after %d packets", host, b[0], seq, len(ps))
		}
	}
}

func readHeader(dir, host string) (Header, error) {
	var h Header
	b, err := os.ReadFile(filepath.Join(dir, host+".json"))
	if err != nil {
		return h, fmt.Errorf("read the recording of %s: %w", host, err)
	}
	if err := json.Unmarshal(b, &h); err != nil {
		return h, fmt.Errorf("read the recording of %s: %w", host, err)
	}
	return h, nil
}
