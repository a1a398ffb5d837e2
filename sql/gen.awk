# Makes the statement table out of sql/queries/*.sql:
#
#     awk -f sql/gen.awk -v OUT=h sql/queries/*.sql > store/stmt.h
#     awk -f sql/gen.awk -v OUT=c sql/queries/*.sql > store/stmt.c
#
# -v PREFIX=sandbox_ makes `enum sandbox_stmt { SANDBOX_STMT_... }` and
# `sandbox_stmt_table` of sandbox/stmt.h; -v HEADER=... names another header.
#
# A query file holds blocks like this one; the comment says what comes back:
#
#     -- name: client_by_id
#     -- id, name, archived; none when it is another organisation's
#     SELECT id, name, archived FROM client WHERE id = $1;
#
# INSERT, UPDATE and DELETE anywhere in a statement mark it as one that writes. A statement that
# writes through a function says so itself, on a line "-- writes"; one that may as well be done twice,
# on a line "-- may repeat".

function fail(place, text) {
	print place ": " text > "/dev/stderr"
	failed = 1
}

function here() {
	return FILENAME ":" FNR
}

# A line without quoted text, so that ';' and '$1' in it are SQL's own.
function bare(text) {
	gsub(/'([^']|'')*'/, "''", text)
	sub(/--.*/, "", text)
	return text
}

function count_params(text,    n, k) {
	n = params[count]
	while (match(text, /\$[0-9]+/)) {
		k = substr(text, RSTART + 1, RLENGTH - 1) + 0
		seen[count, k] = 1
		if (k > n)
			n = k
		text = substr(text, RSTART + RLENGTH)
	}
	params[count] = n
}

# Locking rows (SELECT ... FOR UPDATE) writes nothing that a second run would write twice.
function note_writes(text) {
	gsub(/FOR (NO KEY )?UPDATE/, "", text)
	if (text ~ /(^|[^A-Za-z_])(INSERT|UPDATE|DELETE)([^A-Za-z_]|$)/)
		writes[count] = 1
}

function close_block(    k) {
	if (!open)
		return
	open = 0
	if (!(count in said))
		fail(begun, "statement " names[count] " does not say what it returns")
	if (texts[count] == "")
		fail(begun, "statement " names[count] " is empty")
	for (k = 1; k <= params[count]; k++)
		if (!((count, k) in seen))
			fail(begun, "statement " names[count] " leaves out $" k)
	if (params[count] > 64)
		fail(begun, "statement " names[count] " takes more than 64 arguments")
}

function open_block(name) {
	close_block()
	if (name !~ /^[a-z][a-z0-9_]*$/)
		fail(here(), "'" name "' is no name: a to z, 0 to 9 and '_'")
	if (name in line_of)
		fail(here(), "statement " name " stands already at " line_of[name])
	line_of[name] = here()
	names[++count] = name
	params[count] = 0
	texts[count] = ""
	begun = here()
	open = 1
	ended = 0
}

function say(text) {
	sub(/^[ \t]+/, "", text)
	if (count in said)
		text = said[count] " " text
	said[count] = text
}

FNR == 1 {
	close_block()
}

/^-- name:/ {
	name = $0
	sub(/^-- name:[ \t]*/, "", name)
	sub(/[ \t]+$/, "", name)
	open_block(name)
	next
}

/^-- writes[ \t]*$/ {
	writes[count] = 1
	next
}

/^-- may repeat[ \t]*$/ {
	harmless[count] = 1
	next
}

/^[ \t]*--/ {
	if (open && texts[count] == "" && $0 ~ /--[ \t]*[^ \t-]/)
		say(substr($0, index($0, "--") + 2))
	next
}

/^[ \t]*$/ {
	next
}

{
	if (!open) {
		fail(here(), "a statement without '-- name:'")
		exit
	}
	if (ended)
		fail(here(), "a second statement under the name " names[count])
	sql = $0
	sub(/[ \t]+$/, "", sql)
	plain = bare(sql)
	if (plain ~ /;[ \t]*$/) {
		ended = 1
		sub(/;[ \t]*$/, "", sql)
		sub(/;[ \t]*$/, "", plain)
	}
	if (plain ~ /;/)
		fail(here(), "a second statement under the name " names[count])
	count_params(plain)
	note_writes(plain)
	gsub(/\\/, "\\\\&", sql)
	gsub(/"/, "\\\"", sql)
	texts[count] = texts[count] (texts[count] == "" ? "" : "\\n\"\n\t\t\"") sql
}

function guard(    g) {
	g = "GAP_" toupper(HEADER)
	gsub(/[^A-Z0-9]/, "_", g)
	return g
}

function print_header(    i) {
	print "/* The statements of sql/, made by sql/gen.awk. Each comment says what comes back. */"
	print "#ifndef " guard() "\n#define " guard() "\n\n#include \"io/pg.h\"\n"
	print "enum " PREFIX "stmt {"
	for (i = 1; i <= count; i++) {
		gsub(/\*\//, "* /", said[i])
		print "\t" toupper(PREFIX) "STMT_" toupper(names[i]) ", /* " said[i] " */"
	}
	print "\t" toupper(PREFIX) "STMT__MAX\n};\n"
	print "extern const struct pg_stmt " PREFIX "stmt_table[" toupper(PREFIX) "STMT__MAX];"
	print "\n#endif"
}

function print_table(    i) {
	print "/* Made by sql/gen.awk. */\n#include \"" HEADER "\"\n"
	print "const struct pg_stmt " PREFIX "stmt_table[" toupper(PREFIX) "STMT__MAX] = {"
	for (i = 1; i <= count; i++)
		printf "\t{\"%s\",\n\t\t\"%s\",\n\t\t%d, %s},\n", names[i], texts[i], params[i], i in writes && !(i in harmless) ? "true" : "false"
	print "};"
}

END {
	close_block()
	if (HEADER == "")
		HEADER = (PREFIX == "" ? "store" : substr(PREFIX, 1, length(PREFIX) - 1)) "/stmt.h"
	if (failed)
		exit 1
	if (OUT == "h")
		print_header()
	else
		print_table()
}
