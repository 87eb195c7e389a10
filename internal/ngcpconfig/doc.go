// SPDX-License-Identifier: Apache-2.0

// Package ngcpconfig reads and edits the configuration of an NGCP node: config.yml with its layers, and network.yml.
// Edits change the bytes of one value and nothing else: comments, order and quoting of the rest stay as they are.
package ngcpconfig

// Dir is where the files are.
const Dir = "/etc/ngcp-config"
