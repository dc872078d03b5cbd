select
    id as customer_id,
    min(coalesce(source_updated_at, extracted_at)) as deleted_at
from {{ source('stripe', 'customers') }}
where is_deleted and valid_to is null
group by id
