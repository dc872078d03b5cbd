-- customers with what was last known of them, deleted ones included
with versions as {{ fence() }} (
    {{ version_rows('stripe', 'customers') }}
)

select
    id as customer_id,
    {{ json_text('body', 'name') }} as name,
    {{ json_text('body', 'email') }} as email,
    {{ json_text('body', 'address.country') }} as country,
    {{ epoch('body', 'created') }} as created_at
from versions
where valid_to is null
