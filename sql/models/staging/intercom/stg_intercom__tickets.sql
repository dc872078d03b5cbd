with source as {{ fence() }} (
    {{ current_rows('intercom', 'tickets', key='ticket_id') }}
),

renamed as (
    select
        id as ticket_id,
        {{ json_text('body', 'ticket_id') }} as number,
        {{ json_text('body', 'ticket_type.id') }} as ticket_type_id,
        {{ json_text('body', 'ticket_type.name') }} as ticket_type_name,
        {{ json_text('body', 'category') }} as category,
        {{ json_text('body', 'ticket_state.category') }} as state,
        {{ json_boolean('body', 'open') }} as is_open,
        {{ json_first_text('body', 'contacts.contacts', 'id') }} as contact_id,
        {{ json_text('body', 'admin_assignee_id') }} as admin_id,
        {{ json_text('body', 'team_assignee_id') }} as team_id,
        {{ epoch('body', 'created_at') }} as created_at,
        {{ epoch('body', 'updated_at') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
