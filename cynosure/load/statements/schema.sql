-- ops: what the engine records about its own work, in the warehouse so that it commits together with the rows
create schema if not exists raw;
create schema if not exists ops;
create table if not exists ops.loads (
    source text not null,
    stream text not null,
    batch_id text not null,
    mode text not null,
    rows_read bigint not null,
    rows_new bigint not null,
    rows_changed bigint not null,
    rows_unchanged bigint not null,
    rows_deleted bigint not null,
    cursor_after text,
    source_as_of timestamp with time zone,
    extracted_at timestamp with time zone not null,
    loaded_at timestamp with time zone not null,
    api_version text not null,
    connector_version text not null,
    manifest_sha256 text not null,
    primary key (source, stream, batch_id)
);
create table if not exists ops.findings (
    finding_id text not null primary key,
    check_id text not null,
    kind text not null,
    source text,
    stream text,
    relation text,
    what text not null,
    measured numeric(38, 6),
    expected text not null,
    severity text not null,
    status text not null,
    dimension text not null,
    affected_kpis text not null,
    detail text not null,
    found_at timestamp with time zone not null,
    data_as_of timestamp with time zone
);
create table if not exists ops.model_runs (
    run_id text not null,
    node text not null,
    resource_type text not null,
    status text not null,
    affected_rows bigint,
    failures bigint,
    seconds double precision not null,
    started_at timestamp with time zone not null,
    message text,
    primary key (run_id, node)
);
-- up to which batch of each stream the models contain what was loaded
create table if not exists ops.built_batches (
    source text not null,
    stream text not null,
    batch_id text not null,
    primary key (source, stream)
)
