// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"testing"
)

// What a start costs in this package, on loopback with no latency: cold (nothing
// cached: identity, key, exchange, TLS, one GET), warm (cached token: TLS, one
// GET and one PUT), and ready (one PUT).
func BenchmarkStart(b *testing.B) {
	for name, work := range map[string]func(*Client) error{
		"cold": func(c *Client) error { _, err := c.Address(context.Background(), testPrivateIP); return err },
		"warm": func(c *Client) error {
			a, err := c.Address(context.Background(), testPrivateIP)
			if err == nil {
				_, err = c.Move(context.Background(), a, testVNIC, a.ETag)
			}
			return err
		},
		"ready": func(c *Client) error {
			_, err := c.Move(context.Background(), Address{ID: testPrivateIP}, testVNIC, "e1")
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			c := newCloud(b)
			dir := stateDir(b)
			must(b, c.client(c.options(dir)).Refresh(context.Background()))
			c.seen()
			for b.Loop() {
				d := dir
				if name == "cold" {
					d = ""
				}
				client := c.client(c.options(d))
				if err := work(client); err != nil {
					b.Fatal(err)
				}
				client.dispatcher.http.CloseIdleConnections()
			}
			m, f, api := c.seen()
			b.ReportMetric(float64(m)/float64(b.N), "imds/op")
			b.ReportMetric(float64(f)/float64(b.N), "auth/op")
			b.ReportMetric(float64(api)/float64(b.N), "api/op")
		})
	}
}

// BenchmarkCache is the warm start's own part: read, check and parse the cache.
func BenchmarkCache(b *testing.B) {
	c := newCloud(b)
	dir := stateDir(b)
	must(b, c.client(c.options(dir)).Refresh(context.Background()))
	for b.Loop() {
		client := c.client(c.options(dir))
		if _, err := client.credentials.credential(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
