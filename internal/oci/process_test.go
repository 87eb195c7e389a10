// SPDX-License-Identifier: Apache-2.0

package oci

const helperArg = "-oci-helper-process"

func helperProcess() {}
