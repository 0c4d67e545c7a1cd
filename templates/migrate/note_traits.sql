--% include 'migrate/forget_traits.sql'

--% include 'note_traits.sql'
