{{ config(materialized='view', post_hook=[]) }}

-- what a customer is worth as a month ends, by each definition
{{ definition_rows(ref('int_definition_balances')) }}
