// SPDX-License-Identifier: Apache-2.0

// Package oci talks to the VCN API of Oracle Cloud Infrastructure: who has a
// private address, and give it to another VNIC.
//
// It is the official Go SDK (core.VirtualNetworkClient) with the behaviour
// taken out that a resource agent with a deadline cannot live with. The SDK's
// constructor fetches a token outside any context and reads files below HOME;
// its metadata client has no timeout; it sleeps 3 s on a 401; it does not retry
// a refused connection. Here nothing blocks beyond the caller's context, one
// request is sent per call (Retry repeats, where the caller wants it), the
// source address of every connection can be bound, and a write can be refused
// at the last moment (Options.Deadline).
//
// Errors are *Error, sorted by what a caller has to do about them (Kind).
package oci
