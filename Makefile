# Jeudi: what a contributor types. `make help` lists it all.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.NOTPARALLEL:

# Go is often unpacked in /usr/local/go without being in PATH.
export PATH := $(PATH):/usr/local/go/bin

# A version of git, or an owner of the clone, that Go cannot ask must not stop a build.
VCS := $(shell git rev-parse -q --verify HEAD >/dev/null 2>&1 || echo -buildvcs=false)

STEP     := .ci/step
FUZZTIME ?= 10s
HIL      ?= 1
GUEST    := .cache/guest
IMAGE    := .cache/image
BENCH    ?= .
ARGS     ?=

GO_FILES = find . \( -name node_modules -o -name '.?*' \) -prune -o -name '*.go' -print
UI_MODULES := kiosk-ui/test/node_modules
UNIT      = $(sort $(shell find kiosk-ui/test/unit -name '*.test.js' 2>/dev/null))
BROWSER   = $(sort $(wildcard kiosk-ui/test/browser/*.test.mjs))

.PHONY: build
build: need-build ## build bin/jeudi (what make does alone)
	@go build $(VCS) -trimpath -o bin/jeudi ./firmware
	@echo "built bin/jeudi"

.PHONY: run
run: build ## build and start the whole box here, with a sample site and simulated devices (ARGS='…' adds flags)
	@exec bin/jeudi run $(ARGS)

.PHONY: test
test: need-test ## install what is missing, then every check and every test (HIL=0: without the virtual machine)
	@$(STEP) all $(MAKE) --no-print-directory fmt vet staticcheck layers elsewhere go-test $(if $(filter 0,$(HIL)),no-hil,arm64 guest card card-again proof) unit types browser

.PHONY: hil
hil: need-test ## the real drivers in a virtual machine with the kernel's own devices
	@$(STEP) all $(MAKE) --no-print-directory arm64 guest

.PHONY: image
image: need-image ## the card of a box, its update and what goes with them (JEUDI_KEY=FILE signs a release)
	@images/build $(IMAGE)
	@ls -l $(IMAGE)/release

.PHONY: image-test
image-test: need-image ## a release made and checked, the card made twice and compared, then proved in a virtual machine with its power cut (2 h)
	@$(STEP) all $(MAKE) --no-print-directory release card-twice proof-all

.PHONY: voices
voices: ## render the clips of texts that changed, with Debian's pico2wave (non-free) and espeak-ng
	@firmware/voice/render

.PHONY: check
check: need-build ## the same without browser, and shorter: for every save
	@$(STEP) all $(MAKE) --no-print-directory fmt vet staticcheck layers go-test-short unit-if types-if

.PHONY: bench
bench: need-build ## measure, and say on which machine (BENCH='regexp')
	@echo "machine: $$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $$(nproc) cores, $$(awk '/MemTotal/{printf "%.0f GiB", $$2/1048576}' /proc/meminfo), Linux $$(uname -r), temporary files on $$(df --output=fstype "$${TMPDIR:-/tmp}" | tail -1), $$(go env GOVERSION)"
	@go test -run '^$$' -bench '$(BENCH)' -benchmem ./... | awk '/^Benchmark/ {n++} !/no test files|^PASS$$|^ok .*\t0\.[0-9]*s$$/ {print} END {if (!n) {print "no benchmark matches"; exit 1}}'
	@cd drivers/escpos/compare && if command -v npm >/dev/null; then npm ci --silent >/dev/null && node compare.mjs; \
	else echo "NOT MEASURED  the other encoder: no npm here; make test installs it"; fi

.PHONY: soak
soak: need-build ## 24 h of mornings with faults (12 min)
	@go test -count=1 -v -timeout 60m ./firmware -run '^TestSoak$$' -soak 24h

.PHONY: fuzz
fuzz: need-build ## run every fuzz target for 10 s each (FUZZTIME=1m)
	@go test -list '^Fuzz' ./... | awk '/^Fuzz/ {f[++n] = $$1} /^ok/ {for (i = 1; i <= n; i++) print $$2, f[i]; n = 0}' >.cache/fuzz
	@[ -s .cache/fuzz ] || { echo "no fuzz target found"; exit 1; }
	@while read -r pkg target; do \
		$(STEP) check "fuzz $$target" go test -run '^$$' -fuzzminimizetime 5x -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$pkg"; \
	done <.cache/fuzz
	@echo "$$(wc -l <.cache/fuzz) fuzz targets, $(FUZZTIME) each: nothing found"

.PHONY: clean
clean: ## remove what make made (data/ stays)
	@rm -rf bin .cache $(UI_MODULES) drivers/escpos/compare/node_modules kiosk-ui/test/shots

# Technicians write cards on what they have; there the program has no sound, so no cgo.
.PHONY: elsewhere
elsewhere: need-build ## the technician's program for macOS, Windows and any Linux: bin/jeudi-macos, bin/jeudi.exe, bin/jeudi-linux
	@$(STEP) check "build for macOS" env CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 go build $(VCS) -trimpath -ldflags=-s -o bin/jeudi-macos ./firmware
	@$(STEP) check "build for Windows" env CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build $(VCS) -trimpath -ldflags=-s -o bin/jeudi.exe ./firmware
	@$(STEP) check "build for any Linux" env CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build $(VCS) -trimpath -ldflags=-s -o bin/jeudi-linux ./firmware

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# What each target needs. A plain user is told what to install; root gets it installed.
.PHONY: need-build need-test need-image
need-build:
	@.ci/need build
need-image:
	@.ci/need image
need-test:
	@.ci/need $(if $(filter 0,$(HIL)),test-laptop,test)

# The steps. Each prints one line when all is well, and everything when it is not.
.PHONY: fmt vet staticcheck layers go-test go-test-short arm64 guest no-hil unit unit-if types types-if browser
fmt:
	@$(STEP) check gofmt bash -c 'unformatted=$$($(GO_FILES) | xargs "$$(go env GOROOT)/bin/gofmt" -l); \
		[ -z "$$unformatted" ] || { echo "not formatted; gofmt -w:"; echo "$$unformatted"; exit 1; }'
vet:
	@$(STEP) check "go vet" go vet ./...
staticcheck:
	@$(STEP) check staticcheck go tool staticcheck ./...
layers:
	@$(STEP) go layers go test -v -count=1 ./firmware -run '^TestLayers'
# Hours of speech are decoded in one goroutine, which the race detector has nothing to say of.
SPEECH := ^(TestEveryClipIsSound|TestSeekingIsExact|TestWhatCannotBeSaid|TestCallsAreShort|TestStretchOfSpeech)$$
# States of the disk by the thousand, each opened by the store, which has one goroutine.
CARD := ^(TestCase(0[1-59]|1[3-6])|TestPlantedFaults|TestStolenBox)$$
go-test:
	@$(STEP) go "go test -race" go test -v -race -timeout 20m -skip '$(SPEECH)|$(CARD)' ./...
	@$(STEP) go "go test of the stolen card and the power cut" go test -v -count=1 -run '$(CARD)' ./firmware/counters ./firmware
	@$(STEP) go "go test of the recorded speech" go test -v -count=1 -run '$(SPEECH)' ./firmware/voice
go-test-short:
	@$(STEP) go "go test -race -short" go test -v -race -short ./...

# The box is a Raspberry Pi with 64 bits; the guest runs the binary of its card.
arm64:
	@$(STEP) go "go test of the drivers on arm64 (qemu-user)" .ci/arm64
guest:
	@$(STEP) check "build the guest" images/guest/build $(GUEST)
	@$(STEP) go "go test in the guest (qemu)" go test -v -count=1 -timeout 15m ./firmware/hil -guest "$(CURDIR)/$(GUEST)"
# A card is made, and made once more from the same root, which takes a minute where making
# the root a second time takes ten.
.PHONY: card release card-again card-twice proof proof-all
card:
	@$(STEP) check "build the card" images/build $(IMAGE) card
release:
	@$(STEP) check "build the card and its release, and check that" images/build $(IMAGE) all
card-again:
	@$(STEP) check "build the card again: the same bytes" images/build $(IMAGE) again
card-twice:
	@$(STEP) check "build the root and the card again: the same bytes" images/build $(IMAGE) twice
PROOF = go test -v -count=1 -timeout $(1) ./images/proof -card "$(CURDIR)/$(IMAGE)/jeudi.img" -shots "$(CURDIR)/$(IMAGE)/shots"
proof:
	@$(STEP) go "go test of the card in a machine (qemu)" $(call PROOF,20m)
proof-all:
	@$(STEP) go "go test of the card in a machine (qemu), all of it" $(call PROOF,4h) -all

no-hil:
	@echo "NOT RUN  the virtual machines, the card, the drivers on arm64: HIL=0"

unit:
	@$(STEP) node "node --test (unit)" timeout 300 node --test --test-reporter=spec $(or $(UNIT),$(error no unit test in kiosk-ui/test/unit))
types:
	@$(STEP) check "tsc (kiosk-ui)" $(UI_MODULES)/.bin/tsc --noEmit -p kiosk-ui
browser:
	@$(STEP) node-live "node --test (browser)" timeout 2700 node --test --test-reporter=spec $(or $(BROWSER),$(error no browser test in kiosk-ui/test/browser))

# make check installs nothing, so it says what it could not run.
unit-if:
	@if command -v node >/dev/null; then $(MAKE) --no-print-directory unit; \
	else echo "NOT RUN  unit tests of kiosk-ui: no node here; make test installs it"; fi
types-if:
	@if command -v node >/dev/null && [ -x $(UI_MODULES)/.bin/tsc ]; then $(MAKE) --no-print-directory types; \
	else echo "NOT RUN  types of kiosk-ui: no TypeScript here; make test installs it"; fi
