// SPDX-License-Identifier: Apache-2.0

// Package doctor finds what is wrong with a pair before it costs an outage: in the cluster's configuration, in its state,
// and on the node that it runs on. Each finding says what it means and gives the line that mends it.
package doctor
