# SPDX-License-Identifier: GPL-2.0
#
# SCST for the kernel tree: everything goes through the lab. `make help`.

LAB := tools/testing/scst/lab/lab.sh
COMMANDS := run check bench series shell boot build apply

.PHONY: help clean install-tools $(COMMANDS)

help:
	@$(LAB) help

# what is given on make's command line reaches the lab as environment
export FLAVOUR RUN ARGS TIMEOUT SPLATS KDIR BUILD FAST FULL MEM CPUS JOBS TESTS PORT

$(COMMANDS):
	@+$(LAB) $@

# scstcli and its companions, for this machine: DESTDIR=, prefix=, ISNS=no
install-tools:
	$(MAKE) -C tools/scst install O=$(CURDIR)/build/tools

clean:
	rm -rf build
