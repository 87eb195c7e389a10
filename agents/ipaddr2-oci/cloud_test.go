// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"
	"testing"
)

func TestCloudIsChosenWithoutTheNetwork(t *testing.T) {
	unreadable := errors.New("input/output error")
	for _, c := range []struct {
		name   string
		param  string
		hinted bool
		tag    string
		err    error
		want   bool
	}{
		{"on OCI", "auto", false, "OracleCloud.com", nil, true},
		{"elsewhere", "auto", false, "Amazon EC2", nil, false},
		{"no DMI", "auto", false, "", fs.ErrNotExist, false},
		{"hint elsewhere", "auto", true, "Amazon EC2", nil, true},
		{"hint without DMI", "auto", true, "", fs.ErrNotExist, true},
		{"DMI unreadable", "auto", false, "", unreadable, true},
		{"forced off", "none", true, "OracleCloud.com", nil, false},
		{"forced on", "oci", false, "", fs.ErrNotExist, true},
	} {
		got := chooseCloud(c.param, c.hinted, c.tag, c.err)
		if got.OCI != c.want || got.Why == "" {
			t.Errorf("%s: got %+v, want %v", c.name, got, c.want)
		}
	}
}
