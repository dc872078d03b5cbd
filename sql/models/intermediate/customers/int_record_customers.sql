-- the customer of each record that has one
select system, record_type, record_id, customer_id
from {{ ref('customer_identities') }}
where customer_id is not null
