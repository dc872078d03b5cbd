-- ops: how far the audit's walks are, what the running ones have seen, and what they found
create schema if not exists ops;
create table if not exists ops.audits (
    source text not null,
    stream text not null,
    walk bigint not null,
    phase text not null,
    position text,
    started_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    seen_from timestamp with time zone,
    seen_to timestamp with time zone,
    pages bigint not null,
    there bigint not null,
    here bigint not null,
    unjudged bigint not null,
    in_flight bigint not null,
    undecided bigint not null,
    totals text,
    error text not null,
    primary key (source, stream, walk)
);
create table if not exists ops.audit_seen (
    source text not null,
    stream text not null,
    id text not null,
    payload_hash text,
    source_updated_at timestamp with time zone,
    seen_at timestamp with time zone not null
);
create table if not exists ops.audit_drift (
    source text not null,
    stream text not null,
    walk bigint not null,
    id text not null,
    kind text not null,
    reason text not null,
    fields text not null,
    here_hash text,
    judged_at timestamp with time zone not null,
    repaired_in text,
    repaired_at timestamp with time zone
)
