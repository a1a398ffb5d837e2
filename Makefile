# The targets, and how the programs are built. The details of each target are in app/dev/ and tests/.
#
#   make run      the product, in the foreground, on https://localhost:8443 (GAP_PORT, GAP_STATE_DIR)
#   make test     everything CI runs; LONG=1 for the long form
#   make check    the fast tests, under a minute
#   make lint     the rules of the house          make bench   speed, one line a figure
#   make asan     the tests under sanitizers      make fuzz    each fuzzer for SECONDS (10)
#   make sbom     the packages we consist of       make updates do they wait for a security update?
#   make          builds the programs             make clean   removes build/, never var/
#   make install  what a host needs, under PREFIX (/usr) and DESTDIR; README.md, "Run it for real"

B      = build
CC     = gcc
PREFIX = /usr

# The floors: the folders of app/, and the floors that each may include besides libc and itself;
# tests/lint/floors checks every file. web, store and xpm cannot include each other: a page or a job
# connects them.
SEES_base    =
SEES_codec   = base
SEES_core    = base codec
SEES_io      = base codec
SEES_store   = base codec core io
SEES_xpm     = base codec core io
SEES_web     = base codec io
SEES_pages   = base codec core io store web
SEES_worker  = base codec core io store xpm
SEES_sandbox = base codec io web
SEES_main    = $(FLOORS) sandbox

FLOORS   = base codec core io store xpm web pages worker
PROGRAMS = gap-web gap-worker gap-sandbox gap-admin

all: $(PROGRAMS:%=$B/%)

# --- run, test -------------------------------------------------------------------------------------

run:
	@app/dev/packages.sh
	@$(PARALLEL) all
	@exec app/dev/run.sh

test:
	@app/dev/packages.sh test
	@$(PARALLEL) all tests benches
	@exec tests/run

check:
	@app/dev/packages.sh test
	@$(PARALLEL) all tests
	@exec tests/run lint unit db

# Runs the tests of units, database, pages and jobs with everything built under the sanitizers. Not env
# and e2e, which start the plain programs; and the fuzzers are always built with sanitizers.
asan:
	@$(PARALLEL) B=build/asan SANITIZE=address,undefined all tests
	@GAP_BUILD=build/asan exec tests/run unit db web worker

fuzz:
	@GAP_FUZZ_SECONDS=$(or $(SECONDS),10) GAP_FUZZ_SEED=0 exec tests/run fuzz

bench:
	@app/dev/packages.sh test
	@$(PARALLEL) all benches
	@exec tests/bench/run

lint:
	@app/dev/packages.sh test
	@$(PARALLEL) all
	@exec tests/run lint

install: all
	@app/dev/install.sh '$B' '$(PREFIX)' '$(DESTDIR)'

sbom: all
	@app/dev/sbom.sh >$B/sbom.json && echo $B/sbom.json

updates: all
	@exec app/dev/updates.sh

clean:
	rm -rf build

# --- flags -----------------------------------------------------------------------------------------

-include $B/flags.mk
$B/flags.mk: app/dev/flags.sh
	@mkdir -p $(@D) && app/dev/flags.sh $(CC) $(SANITIZE) >$@.new && mv $@.new $@

CFLAGS    = -std=gnu11 -D_GNU_SOURCE $(OPTIMIZE) $(WARN) $(HARDEN) -Iapp -I$B/gen -isystem /usr/include/postgresql -MMD -MP
TEST_WARN = -Itests -Wno-conversion -Wno-sign-conversion -Wno-cast-qual -Wno-stack-usage
LIBS      = -lfcgi -lpq -lcurl -lcjson -lexpat -loath -largon2 -lqrencode -lutf8proc -lseccomp -lfido2 -lssl -lcrypto -lm

PARALLEL  = $(MAKE) --no-print-directory -j$$(nproc)
GENERATED = $B/gen/store/stmt.h $B/gen/sandbox/stmt.h
objects   = $(patsubst app/%.c,$B/obj/%.o,$(wildcard app/$1/*.c)) $(if $(filter store sandbox,$1),$B/obj/$1/stmt.o)
say       = @printf '  %-5s %s\n' $1 $@

# --- build -----------------------------------------------------------------------------------------

# The linker takes from the archives only what a program uses, so gap-web contains no HTTP client. The
# sandbox has its own archive; only gap-sandbox and the tests are linked with it.
$B/gap-sandbox: $B/libsandbox.a
$B/gap-admin: $(patsubst app/%.c,$B/obj/%.o,$(wildcard app/main/admin_*.c))
$B/gap-%: $B/obj/main/%.o $B/libgap.a
	$(call say,ld)
	@$(CC) $(LINK) -o $@ $(filter %.o,$^) $(filter %sandbox.a,$^) $B/libgap.a $(LIBS)

$B/libgap.a: $(foreach floor,$(FLOORS),$(call objects,$(floor)))
$B/libsandbox.a: $(call objects,sandbox)

$B/%.a:
	@rm -f $@ && ar rcs $@ $^

$B/obj/%.o: app/%.c | $(GENERATED)
	$(call say,cc)
	@mkdir -p $(@D) && $(CC) $(CFLAGS) -c -o $@ $<
$B/obj/%.o: $B/gen/%.c
	$(call say,cc)
	@mkdir -p $(@D) && $(CC) $(CFLAGS) -c -o $@ $<

# Makes a header of names and a table of texts from the named statements of sql/queries/.
$B/gen/store/stmt.%: $(wildcard sql/queries/*.sql) sql/gen.awk
	$(call say,sql)
	@mkdir -p $(@D) && awk -f sql/gen.awk -v OUT=$* $(filter %.sql,$^) </dev/null >$@
$B/gen/sandbox/stmt.%: $(wildcard app/sandbox/sql/*.sql) sql/gen.awk
	$(call say,sql)
	@mkdir -p $(@D) && awk -f sql/gen.awk -v OUT=$* -v PREFIX=sandbox_ -v HEADER=sandbox/stmt.h $(filter %.sql,$^) </dev/null >$@

# --- tests -----------------------------------------------------------------------------------------

# One program for each test_*.c. A line /* LDFLAGS: … */ in it adds flags for the linker.
tests: $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/unit/test_*.c tests/db/test_*.c tests/web/test_*.c tests/worker/test_*.c))
benches: $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/bench/*.c))
fuzzers: $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/fuzz/fuzz_*.c))

$B/tests/%: tests/%.c $B/libsupport.a $B/libsandbox.a $B/libgap.a | $(GENERATED)
	$(call say,test)
	@mkdir -p $(@D) && $(CC) $(CFLAGS) $(TEST_WARN) -o $@ $< $(LINK) $(if $(filter fuzz/%,$*),-fsanitize=fuzzer) \
		$$(sed -n 's|^/\* LDFLAGS: \(.*\) \*/|\1|p' $<) $(filter %.a,$^) -lcmocka $(LIBS)
$B/tests/support/%.o: tests/support/%.c | $(GENERATED)
	@mkdir -p $(@D) && $(CC) $(CFLAGS) $(TEST_WARN) -c -o $@ $<
$B/libsupport.a: $(patsubst tests/%.c,$B/tests/%.o,$(wildcard tests/support/*.c))

# --- dependencies ----------------------------------------------------------------------------------

%.d: ;
-include $(shell find $B/obj $B/tests -name '*.d' 2>/dev/null)
.PHONY: all run test check asan fuzz bench lint install sbom updates clean tests benches fuzzers
.SECONDARY:
.DELETE_ON_ERROR:
