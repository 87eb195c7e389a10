// SPDX-License-Identifier: Apache-2.0

// Package vipcheck finds what is wrong with floating addresses before it costs an outage: in the cluster's
// configuration, on this node, and in what the cloud lets it do. Each finding says what it means and gives the command
// that mends it.
package vipcheck
