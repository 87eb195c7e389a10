# SPDX-License-Identifier: Apache-2.0
# Everything a developer or CI calls. "make help" lists the targets.

SHELL := /bin/bash
export CGO_ENABLED := 0
export PATH := $(PATH):/usr/sbin:/sbin

BIN := build/bin
VERSION := $(shell cat VERSION)
COMMIT := $(firstword $(shell packaging/commit))
LDFLAGS := -s -w -X ocf-oci/internal/version.Version=$(VERSION) -X ocf-oci/internal/version.Commit=$(COMMIT)

# Debian packages that the lab and the tests need; each by name, nothing by hand.
PACKAGES := corosync pacemaker pacemaker-cli-utils pcs crmsh resource-agents iproute2 nftables systemd systemd-sysv dbus \
	iputils-ping iputils-arping fping libxml2-utils ethtool strace jq hyperfine tcpdump procps monit man-db groff-base curl openssl ca-certificates \
	dpkg-dev debhelper fakeroot lintian rpm rpmlint debootstrap zsh tmux openssh-server openssh-client apt-utils cluster-glue gawk psmisc

.PHONY: help setup build programs demo test soak bench fuzz generate deb rpm sbom pictures lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the Debian packages that the lab needs (as root)
	@packaging/setup $(PACKAGES)

build: programs ## build the binaries into build/bin
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/ocf-lab ./lab/cmd/ocf-lab

# What the packages hold: each program and its folder. An agent starts often and must start fast, a tool may be large.
PROGRAMS := IPaddr2=agents/ipaddr2-oci ping=agents/ping monit-services=agents/monit-services oci-vip=tools/oci-vip ngcp-ha=tools/ngcp-ha

programs:
	@mkdir -p $(BIN)
	@set -e; for p in $(PROGRAMS); do set -x; go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/$${p%%=*} ./$${p#*=}; { set +x; } 2>/dev/null; done

deb: setup build ## build the Debian packages into build/packages
	packaging/build deb

rpm: setup build ## build the RPMs into build/packages
	packaging/build rpm

sbom: build ## write the bill of materials, build/packages/ocf-oci-VERSION.cdx.json
	@mkdir -p build/packages
	go run ./packaging/sbom ocf-oci $(VERSION) $(foreach p,$(PROGRAMS),$(BIN)/$(firstword $(subst =, ,$(p)))) >build/packages/ocf-oci-$(VERSION).cdx.json
	@echo build/packages/ocf-oci-$(VERSION).cdx.json

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

generate: ## write manual pages, completions and what else is made from the code
	go test -count=1 -run '^TestManual$$' ./agents/... ./tools/... ./internal/floatingyaml ./tests/rules ./metadata/sequence -update

pictures: setup build ## record the pictures of the documentation: the demo's timeline, terminals on the lab
	$(BIN)/ocf-lab demo
	cp build/demo/timeline.svg docs/pictures/demo-timeline.svg
	go run ./lab/cmd/pictures

lint: ## gofmt, go vet, staticcheck
	tests/run lint

clean: ## remove what was built
	rm -rf build
