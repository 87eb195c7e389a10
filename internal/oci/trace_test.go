// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/internal/imds"
)

// Every request leaves a record at trace level, and none of them, at any level,
// holds a token, a key or a signature.
func TestTrace(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	var text lockedBuffer
	log := slog.New(slog.NewJSONHandler(&text, &slog.HandlerOptions{Level: slog.Level(-100)}))
	opt := c.options(dir)
	opt.Log, opt.IMDS = log, imds.New(imds.Options{BaseURL: c.metadata.URL + "/opc/v2", Log: log})
	client := c.client(opt)
	if _, err := client.Move(within(t, 5*time.Second), Address{ID: testPrivateIP}, testVNIC, "e1"); err != nil {
		t.Fatal(err)
	}
	session := readCache(t, dir).Session
	c.refused[session.Token] = true
	if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	var requests []string
	for line := range strings.Lines(text.String()) {
		var record struct {
			Level, Msg, Method, Path, URL string
			Status                        int
			MS                            *int64
			RequestID                     string `json:"request_id"`
		}
		must(t, json.Unmarshal([]byte(line), &record))
		switch record.Msg {
		case "cloud request":
			requests = append(requests, record.Method+" "+record.Path)
			if record.Level != "DEBUG-4" || record.Status == 0 || record.MS == nil || record.RequestID != "req-1" {
				t.Errorf("record %s", line)
			}
		case "instance metadata request":
			requests = append(requests, "metadata")
		}
	}
	path := " /20160918/privateIps/" + string(testPrivateIP)
	want := "metadata metadata metadata POST /v1/x509 PUT" + path + " GET" + path + " metadata metadata metadata POST /v1/x509 GET" + path
	if got := strings.Join(requests, " "); got != want {
		t.Errorf("traced\n%s\nwant\n%s", got, want)
	}
	for what, secret := range map[string]string{"token": session.Token, "signature": "signature=", "bearer": "Bearer", "key": "PRIVATE KEY", "key id": "ST$"} {
		if strings.Contains(text.String(), secret) {
			t.Errorf("the log holds a %s", what)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}
