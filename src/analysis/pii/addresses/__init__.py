"""Find postal addresses by the way streets are named in a country, and extend them to flat, town and postcode."""
