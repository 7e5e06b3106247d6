"""Reads every right in a store's database from the catalogue, as text that people can review.

    python -m tests.store.rights > tests/store/rights.txt

writes the text anew; read the difference before it is committed: it is who may do what.
"""

from __future__ import annotations

import contextlib
from typing import Any

import psycopg

ROLES = ("public", "trader", "desk_head", "compliance", "ops", "auditor", "engine")
_OURS = "NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
_TABLE_RIGHTS = "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER MAINTAIN"

# Each gives (object, privilege, role) for what is effective, through PUBLIC and groups too.
_EFFECTIVE = {
    "database": """
        SELECT 'this one', x, r FROM roles, unnest('{CONNECT,CREATE,TEMP}'::text[]) x
        WHERE has_database_privilege(r, current_database(), x)""",
    "schema": """
        SELECT nspname, x, r FROM pg_namespace, roles, unnest('{USAGE,CREATE}'::text[]) x
        WHERE NOT starts_with(nspname, 'pg_temp') AND NOT starts_with(nspname, 'pg_toast')
            AND has_schema_privilege(r, oid, x)""",
    "language": """
        SELECT lanname, x, r FROM pg_language, roles, unnest('{USAGE}'::text[]) x
        WHERE lanpltrusted AND has_language_privilege(r, oid, x)""",
    "table": f"""
        SELECT relname, x, r FROM pg_class, roles,
            string_to_table('{_TABLE_RIGHTS}', ' ') x
        WHERE relnamespace::regnamespace::text {_OURS} AND relkind IN ('r','p','v','m','f')
            AND has_table_privilege(r, oid, x)""",
    "column": f"""
        SELECT relname || '.' || attname, x, r
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid, roles,
            string_to_table('SELECT INSERT UPDATE REFERENCES', ' ') x
        WHERE relnamespace::regnamespace::text {_OURS} AND relkind IN ('r','p','v','m','f')
            AND attnum > 0 AND NOT attisdropped AND has_column_privilege(r, c.oid, attnum, x)
            AND NOT has_table_privilege(r, c.oid, x)""",
    "sequence": f"""
        SELECT relname, x, r FROM pg_class, roles, string_to_table('USAGE SELECT UPDATE', ' ') x
        WHERE relnamespace::regnamespace::text {_OURS} AND relkind = 'S'
            AND has_sequence_privilege(r, oid, x)""",
    "function": f"""
        SELECT concat(proname, '(', pronargs, ')', CASE WHEN prosecdef THEN ' as owner' END), x, r
        FROM pg_proc, roles, unnest('{{EXECUTE}}'::text[]) x
        WHERE pronamespace::regnamespace::text {_OURS} AND has_function_privilege(r, oid, x)""",
    "tablespace": """
        SELECT spcname, x, r FROM pg_tablespace, roles, unnest('{CREATE}'::text[]) x
        WHERE has_tablespace_privilege(r, oid, x)""",
}

# Each gives lines; what a fresh database has of itself is not among them.
_FACTS = {
    "role": """
        SELECT rolname || concat(
            CASE WHEN rolcanlogin THEN ' LOGIN' END, CASE WHEN rolsuper THEN ' SUPERUSER' END,
            CASE WHEN rolcreaterole THEN ' CREATEROLE' END,
            CASE WHEN rolcreatedb THEN ' CREATEDB' END,
            CASE WHEN rolreplication THEN ' REPLICATION' END,
            CASE WHEN rolbypassrls THEN ' BYPASSRLS' END)
        FROM pg_roles WHERE starts_with(rolname, 'blotter_')""",
    "member": """
        SELECT m.rolname || ' of ' || g.rolname FROM pg_auth_members a
        JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
        WHERE starts_with(m.rolname, 'blotter_')""",
    "owner": f"""
        SELECT kind || ' ' || pg_get_userbyid(o) || ' ' || count(*) FROM (
            SELECT 'relations' AS kind, relowner AS o FROM pg_class
            WHERE relnamespace::regnamespace::text {_OURS} AND relkind <> 'i'
            UNION ALL SELECT 'functions', proowner FROM pg_proc
            WHERE pronamespace::regnamespace::text {_OURS}
            UNION ALL SELECT 'database', datdba FROM pg_database WHERE datname = current_database()
            UNION ALL SELECT 'large objects', lomowner FROM pg_largeobject_metadata
        ) owned GROUP BY kind, o""",
    "open path": f"""
        SELECT proname FROM pg_proc WHERE pronamespace::regnamespace::text {_OURS} AND prosecdef
            AND NOT coalesce('search_path=public, pg_temp' = ANY (proconfig), false)""",
    "no row security": f"""
        SELECT relname FROM pg_class WHERE relnamespace::regnamespace::text {_OURS}
            AND relkind IN ('r', 'p') AND NOT relrowsecurity""",
    "policy": """
        SELECT tablename || ' ' || policyname || ' ' || cmd || ' '
            || array_to_string(roles, ',') || ' ' || permissive || ': '
            || regexp_replace(concat(qual, ' / ', with_check), '\\s+', ' ', 'g')
        FROM pg_policies""",
    "trigger": """
        SELECT tgrelid::regclass::text || ' ' || tgname || ' ' || tgenabled::text || ' ' || tgtype
        FROM pg_trigger WHERE NOT tgisinternal""",
    "default": """
        SELECT pg_get_userbyid(defaclrole) || ' ' || defaclobjtype::text || ' ' || defaclacl::text
        FROM pg_default_acl""",
    "parameter": "SELECT parname || ' ' || paracl::text FROM pg_parameter_acl",
    "foreign": """
        SELECT fdwname::text FROM pg_foreign_data_wrapper
        UNION ALL SELECT srvname FROM pg_foreign_server""",
    "extension": "SELECT extname::text FROM pg_extension",
    "event trigger": "SELECT evtname::text FROM pg_event_trigger",
    "publication": "SELECT pubname::text FROM pg_publication",
}

_SYSTEM = """
    WITH held AS (
        SELECT 'function ' || p.oid::regprocedure AS object,
            coalesce(p.proacl, acldefault('f', p.proowner)) AS now,
            coalesce(i.initprivs, acldefault('f', p.proowner)) AS at_first
        FROM pg_proc p LEFT JOIN pg_init_privs i
            ON i.objoid = p.oid AND i.classoid = 'pg_proc'::regclass
        WHERE p.pronamespace::regnamespace::text IN ('pg_catalog', 'information_schema')
        UNION ALL
        SELECT 'relation ' || c.oid::regclass::text,
            coalesce(c.relacl, acldefault('r', c.relowner)),
            coalesce(i.initprivs, acldefault('r', c.relowner))
        FROM pg_class c LEFT JOIN pg_init_privs i
            ON i.objoid = c.oid AND i.classoid = 'pg_class'::regclass AND i.objsubid = 0
        WHERE c.relnamespace::regnamespace::text IN ('pg_catalog', 'information_schema')
        UNION ALL
        SELECT 'column ' || a.attrelid::regclass || '.' || a.attname,
            coalesce(a.attacl, acldefault('c', 10)), coalesce(i.initprivs, acldefault('c', 10))
        FROM pg_attribute a LEFT JOIN pg_init_privs i
            ON i.objoid = a.attrelid AND i.classoid = 'pg_class'::regclass
            AND i.objsubid = a.attnum
        WHERE a.attacl IS NOT NULL
    ), changed AS (
        SELECT '+' AS sign, object, x.grantee, x.privilege_type FROM held, aclexplode(now) x
        EXCEPT SELECT '+', object, x.grantee, x.privilege_type FROM held, aclexplode(at_first) x
        UNION ALL (
            SELECT '-', object, x.grantee, x.privilege_type FROM held, aclexplode(at_first) x
            EXCEPT SELECT '-', object, x.grantee, x.privilege_type FROM held, aclexplode(now) x
        )
    )
    SELECT sign || ' ' || privilege_type || ' '
        || CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END || ' ' || object
    FROM changed
    -- initdb does not note what it gives everybody there.
    WHERE NOT (sign = '+' AND grantee = 0 AND privilege_type = 'SELECT'
        AND starts_with(object, 'relation information_schema.'))
    ORDER BY object, sign
"""


def catalogue(connection: psycopg.Connection[Any]) -> str:
    """Return every right in the connection's database, one a line."""
    lines = []
    for kind, query in _EFFECTIVE.items():
        held: dict[tuple[str, str], list[str]] = {}
        for name, privilege, role in connection.execute(_roles() + query).fetchall():
            held.setdefault((name, privilege), []).append(role.removeprefix("blotter_"))
        for (name, privilege), roles in sorted(held.items()):
            everybody = "everybody" if set(roles) == set(ROLES) else None
            people = "all roles" if set(roles) == set(ROLES[1:]) else None
            who = everybody or people or " ".join(r for r in ROLES if r in roles)
            lines.append(f"{kind} {name}: {privilege} {who}")
    for kind, query in _FACTS.items():
        lines += sorted(f"{kind} {line}" for (line,) in connection.execute(query).fetchall())
    lines += [f"system {line}" for (line,) in connection.execute(_SYSTEM).fetchall()]
    return "\n".join(lines) + "\n"


def _roles() -> str:
    names = ", ".join(f"('{'' if r == 'public' else 'blotter_'}{r}')" for r in ROLES)
    return f"WITH roles (r) AS (VALUES {names}) "


def main() -> None:
    from app.store.postgres import init_postgres
    from tests.postgres import PostgresServer

    with contextlib.closing(PostgresServer()) as server:
        name = server.create_database()
        init_postgres(server.url(name))
        with server.admin(name) as admin:
            print(catalogue(admin), end="")


if __name__ == "__main__":
    main()
