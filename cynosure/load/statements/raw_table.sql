create table if not exists {table} (
    id text not null,
    payload json,
    payload_hash text,
    source_updated_at timestamp with time zone,
    extracted_at timestamp with time zone not null,
    batch_id text not null,
    valid_from timestamp with time zone not null,
    valid_to timestamp with time zone,
    is_deleted boolean not null
)
