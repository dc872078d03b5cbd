-- who answers in Zendesk: agents of now, and whoever was ever given a ticket; who has left is an end user again
select user_id from {{ ref('stg_zendesk__users') }} where role in ('agent', 'admin')
union
select assignee_id from {{ ref('int_ticket_events') }} where assignee_id is not null
