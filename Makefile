# SPDX-License-Identifier: Apache-2.0
# Everything a developer or CI calls. "make help" lists the targets.

SHELL := /bin/bash
export CGO_ENABLED := 0
export PATH := $(PATH):/usr/sbin:/sbin

BIN := build/bin
VERSION := $(shell cat VERSION)
LDFLAGS := -s -w -X ocf-oci/internal/version.Version=$(VERSION)

# Debian packages that the lab and the tests need; each by name, nothing by hand.
PACKAGES := corosync pacemaker pacemaker-cli-utils pcs crmsh resource-agents iproute2 nftables systemd systemd-sysv dbus \
	iputils-ping iputils-arping fping libxml2-utils ethtool strace jq hyperfine tcpdump procps monit man-db groff-base curl openssl ca-certificates \
	openssh-server apt-utils cluster-glue gawk psmisc

.PHONY: help setup build demo test soak bench fuzz generate lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the Debian packages that the lab needs (as root)
	@packaging/setup $(PACKAGES)

build: ## build the binaries into build/bin
	@mkdir -p $(BIN)
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/IPaddr2 ./agents/ipaddr2-oci
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/ping ./agents/ping
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/monit-services ./agents/monit-services
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/oci-vip ./tools/oci-vip
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/ngcp-ha ./tools/ngcp-ha
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/ocf-lab ./lab/cmd/ocf-lab

demo: setup build ## show a floating address failing over on a real cluster (report in build/demo)
	$(BIN)/ocf-lab demo

test: setup build ## run every test
	tests/run test

soak: setup build ## run the tests with their full counts and durations (hours)
	OCF_SOAK=1 tests/run soak

bench: setup build ## measure side by side with the peers
	tests/run bench

fuzz: ## run each fuzz target for 30 s
	tests/run fuzz

generate: ## write the manual pages from the agents' descriptions
	go test -count=1 -run '^TestManual$$' ./agents/... -update

lint: ## gofmt, go vet, staticcheck
	tests/run lint

clean: ## remove what was built
	rm -rf build
