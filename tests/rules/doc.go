// SPDX-License-Identifier: Apache-2.0

// Package rules holds the repository to its own rules, those that a machine can check: how code is laid out, what may
// depend on what, and that what is said in several places (code, meta-data, manuals, documentation, packages) is the same.
package rules
