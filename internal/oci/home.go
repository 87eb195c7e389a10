// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"

	"ocf-oci/internal/imds"
)

// home is the region this instance lives in, asked for once per boot.
type home struct {
	imds  *imds.Client
	cache *cache
	once  chan struct{} // guards value; holds one token
	value *imds.RegionInfo
}

func newHome(client *imds.Client, cache *cache) *home {
	return &home{imds: client, cache: cache, once: make(chan struct{}, 1)}
}

func (h *home) info(ctx context.Context) (imds.RegionInfo, error) {
	select {
	case h.once <- struct{}{}:
		defer func() { <-h.once }()
	case <-ctx.Done():
		return imds.RegionInfo{}, &Error{Op: "region", Kind: Transient, Err: ctx.Err()}
	}
	if h.value != nil {
		return *h.value, nil
	}
	if saved := h.cache.load().Home; saved != nil && saved.Region != "" && saved.RealmDomain != "" {
		h.value = saved
		return *saved, nil
	}
	info, err := h.imds.RegionInfo(ctx)
	if err != nil {
		return info, metadataError(err)
	}
	h.value = &info
	h.cache.update(ctx, func(s *stored) { s.Home = &info })
	return info, nil
}
