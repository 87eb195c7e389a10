// SPDX-License-Identifier: Apache-2.0

// Package simulate asks pacemaker's scheduler what it would do with a CIB, by crm_simulate(8). Nothing is changed.
package simulate
