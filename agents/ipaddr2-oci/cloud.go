// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// assetTagFile tells whose machine this is (SMBIOS chassis asset tag, read-only for the guest).
const assetTagFile = "/sys/class/dmi/id/chassis_asset_tag"

// assetTag is what every OCI instance carries there.
const assetTag = "OracleCloud.com"

// errUnreadable stands for an asset tag that may be there but cannot be seen.
var errUnreadable = errors.New("unreadable")

// cloudChoice is the outcome of cloud=auto, with its reason for people.
type cloudChoice struct {
	OCI bool
	Why string
}

// chooseCloud decides whether the address moves in the VCN too. It never asks the network: an answer that depended on
// one would turn a network fault into "no cloud", and the address into a black hole.
func chooseCloud(param string, hinted bool, tag string, tagErr error) cloudChoice {
	switch {
	case param == "oci":
		return cloudChoice{true, "cloud=oci"}
	case param == "none":
		return cloudChoice{false, "cloud=none"}
	case tagErr == nil && tag == assetTag:
		return cloudChoice{true, "the chassis asset tag is " + assetTag}
	case tagErr != nil && !errors.Is(tagErr, fs.ErrNotExist):
		return cloudChoice{true, "the chassis asset tag cannot be read: " + tagErr.Error()}
	case hinted:
		return cloudChoice{true, "a parameter speaks of OCI"}
	case tagErr != nil:
		return cloudChoice{false, "there is no chassis asset tag"}
	}
	return cloudChoice{false, "the chassis asset tag is " + tag}
}

func (c *config) chosenCloud() cloudChoice {
	b, err := os.ReadFile(assetTagFile)
	if errors.Is(err, fs.ErrNotExist) { // "no DMI" is only known where sysfs is mounted
		if _, sysfs := os.Stat("/sys/class"); sysfs != nil {
			err = fmt.Errorf("sysfs is not mounted: %w", errUnreadable)
		}
	}
	_, missing := os.Stat(c.file)
	return chooseCloud(c.cloud, c.hinted || missing == nil, strings.TrimSpace(string(b)), err)
}
