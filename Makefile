# Coxswain. `make up` starts a cluster with the example application, `make test` runs every test.

NODE_VERSION := 24.21.0
TOOLCHAIN := .toolchain/node_modules/node/bin
SYSTEM_NODE := $(shell node -p 'Number(process.versions.node.split(".")[0]) >= 24' 2>/dev/null)
# Where the machine's Node.js is too old, one from npm.
NODE := $(if $(filter true,$(SYSTEM_NODE)),,$(TOOLCHAIN)/node)
export PATH := $(CURDIR)/$(if $(filter true,$(SYSTEM_NODE)),,$(TOOLCHAIN):$(CURDIR)/)node_modules/.bin:$(PATH)

.PHONY: up down deps packages build check verify test bench clean

up: deps packages
	./cox up --nodes 2
	./examples/tomcat-mysql/deploy.sh

down:
	./cox down

## What the project needs from npm: a right Node.js where the machine's is older than 24, and the packages.
deps: .cache/deps dist/prose.json build

.cache/deps: package.json package-lock.json | $(NODE)
	@mkdir -p .cache
	npm install --no-save --no-fund --no-audit
	@touch $@

$(TOOLCHAIN)/node:
	npm install --no-fund --no-audit --prefix .toolchain node@$(NODE_VERSION)

## What real nodes need from Debian; does nothing where it is there, or where this is not root on Debian.
packages:
	./tools/packages.sh $(firstword $(filter test%,$(MAKECMDGOALS)))

build: dist/cox.mjs

dist/prose.json: .cache/deps tools/generate/prose.ts
	node tools/generate/prose.ts

dist/cox.mjs: .cache/deps $(shell find packages tools/build -name '*.ts' -not -path '*/node_modules/*' -not -name '*.test.ts' 2>/dev/null)
	node tools/build/main.ts

check: deps
	tsc -p .
	biome check packages tools test bench
	node tools/lint/imports.ts
	$(MAKE) --no-print-directory verify

verify:
	node tools/generate/main.ts verify
	node tools/generate-bootstrap/main.ts verify

test: deps packages
	./test/run.sh

bench: deps
	node bench/main.ts

clean:
	rm -rf dist .cache node_modules .toolchain
