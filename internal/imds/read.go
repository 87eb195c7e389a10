// SPDX-License-Identifier: Apache-2.0

package imds

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// read gets a path and decodes it; an answer that cannot be decoded (cut short,
// a half-written document) is asked for again like an error status.
func read[T any](ctx context.Context, c *Client, path string, max404 int, decode func([]byte) (T, error)) (T, error) {
	backoff := firstBackoff
	for tries := 1; ; tries++ {
		body, err := c.get(ctx, path, max404)
		if err != nil {
			var none T
			return none, err
		}
		value, err := decode(body)
		if err == nil {
			return value, nil
		}
		if !sleep(ctx, backoff) {
			var none T
			return none, &Error{URL: c.base + "/" + path, Status: http.StatusOK, Tries: tries, Err: err}
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// VNICs lists this instance's VNICs. The order carries no meaning.
func (c *Client) VNICs(ctx context.Context) ([]VNIC, error) {
	return read(ctx, c, "vnics/", 0, decodeVNICs)
}

// Instance describes this instance.
func (c *Client) Instance(ctx context.Context) (Instance, error) {
	return read(ctx, c, "instance/", 0, decodeInstance)
}

// regionInfoTries is how often a 404 of instance/regionInfo is believed to be
// start-up weather before the older way is taken.
const regionInfoTries = 2

// RegionInfo says in which region and realm the instance is. Where the service
// has no instance/regionInfo, the instance's region is looked up in the SDK's
// table; an unknown region is taken to be in the commercial realm (or in that
// of OCI_DEFAULT_REALM), as the SDK does.
func (c *Client) RegionInfo(ctx context.Context) (RegionInfo, error) {
	info, err := read(ctx, c, "instance/regionInfo", regionInfoTries, decodeRegionInfo)
	var failed *Error
	if err == nil || !errors.As(err, &failed) || failed.Status != http.StatusNotFound {
		return info, err
	}
	instance, err := c.Instance(ctx)
	if err != nil {
		return RegionInfo{}, err
	}
	return RegionNamed(instance.Region), nil
}

// RegionNamed looks a region's name or short code up in the SDK's table.
func RegionNamed(name string) RegionInfo {
	regionTable.Lock()
	defer regionTable.Unlock()
	region := common.StringToRegion(name)
	info := RegionInfo{Region: string(region), RealmDomain: region.SecondLevelDomain()}
	if realm, err := region.RealmID(); err == nil {
		info.RealmKey = realm
	}
	if strings.EqualFold(name, info.Region) {
		return info
	}
	info.RegionKey = strings.ToUpper(name)
	return info
}

// regionTable guards the SDK's table: it adds regions as it meets them, without
// a lock.
var regionTable sync.Mutex
