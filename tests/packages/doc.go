// SPDX-License-Identifier: Apache-2.0

// Package packages tests what is delivered: the Debian packages and RPMs as packaging/build makes them, against the list
// packaging/files, and their life on a system: installed, upgraded, removed. OCF_SOAK=1 adds fresh Debian systems and a
// cluster whose package is replaced beneath a running resource.
package packages
