-- people whom marketing found worth pursuing, whether or not they were called leads before
select *
from {{ ref('int_prospects') }}
where marketing_qualified_at is not null
