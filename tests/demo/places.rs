//! Where people sign in from, and the tenant's named locations.
//!
//! Every address comes from a range set aside for documentation (RFC 5737, RFC 3849), and so do the
//! numbers of the networks (RFC 5398).

use crate::identifiers::guid;
use crate::json::{Json, object};
use std::net::IpAddr;

/// A network a sign-in comes from, and where the service believes it to be.
#[derive(Debug)]
pub struct Place {
    /// The public address.
    pub address: &'static str,
    /// City, state and two-letter country; empty where the service cannot tell.
    pub city: &'static str,
    /// State or province.
    pub state: &'static str,
    /// ISO 3166 code.
    pub country: &'static str,
    /// Latitude and longitude.
    pub coordinates: (f64, f64),
    /// Autonomous system number.
    pub network: i64,
}

/// Shorthand for the table below.
const fn place(
    address: &'static str,
    (city, state, country): (&'static str, &'static str, &'static str),
    coordinates: (f64, f64),
    network: i64,
) -> Place {
    Place { address, city, state, country, coordinates, network }
}

const MADRID: (&str, &str, &str) = ("Madrid", "Madrid", "ES");
const MADRID_AT: (f64, f64) = (40.4168, -3.7038);
const BERLIN: (&str, &str, &str) = ("Berlin", "Berlin", "DE");
const BERLIN_AT: (f64, f64) = (52.52, 13.405);
const GDANSK: (&str, &str, &str) = ("Gdańsk", "Pomorskie", "PL");
const GDANSK_AT: (f64, f64) = (54.352, 18.6466);
const PORTLAND: (&str, &str, &str) = ("Portland", "Oregon", "US");
const PORTLAND_AT: (f64, f64) = (45.5152, -122.6784);

pub static MADRID_OFFICE: Place = place("203.0.113.10", MADRID, MADRID_AT, 64500);
pub static MADRID_SERVERS: Place = place("203.0.113.40", MADRID, MADRID_AT, 64500);
pub static MADRID_FAILOVER: Place = place("198.51.100.9", MADRID, MADRID_AT, 64501);
pub static MADRID_MOBILE: Place = place("198.51.100.14", MADRID, MADRID_AT, 64501);
pub static ANA_HOME: Place = place("198.51.100.21", MADRID, MADRID_AT, 64501);
pub static JOSE_HOME: Place = place("198.51.100.33", MADRID, MADRID_AT, 64501);
pub static BERLIN_OFFICE: Place = place("203.0.113.70", BERLIN, BERLIN_AT, 64502);
pub static ANNELIESE_HOME: Place = place("2001:db8:6b::41c", BERLIN, BERLIN_AT, 64503);
pub static GDANSK_PLANT: Place = place("198.51.100.70", GDANSK, GDANSK_AT, 64504);
pub static GDANSK_MOBILE: Place = place("198.51.100.101", GDANSK, GDANSK_AT, 64505);
pub static TOKYO_OFFICE: Place = place("198.51.100.131", ("Minato", "Tokyo", "JP"), (35.6581, 139.7515), 64506);
pub static KYIV_HOME: Place = place("198.51.100.150", ("Kyiv", "Kyiv City", "UA"), (50.4501, 30.5234), 64507);
pub static DUBAI_OFFICE: Place = place("198.51.100.166", ("Dubai", "Dubai", "AE"), (25.2048, 55.2708), 64508);
pub static NAIROBI_HOTEL: Place = place("192.0.2.91", ("Nairobi", "Nairobi Area", "KE"), (-1.2921, 36.8219), 64509);
pub static LONDON_HOME: Place = place("198.51.100.183", ("London", "London, City of", "GB"), (51.5074, -0.1278), 64510);
pub static LONDON_CAFE: Place = place("198.51.100.190", ("London", "London, City of", "GB"), (51.5074, -0.1278), 64510);
pub static PARIS_HOME: Place = place("198.51.100.201", ("Paris", "Paris", "FR"), (48.8566, 2.3522), 64511);
pub static PARIS_MOBILE: Place = place("198.51.100.207", ("Paris", "Paris", "FR"), (48.8566, 2.3522), 64511);
pub static STOCKHOLM_HOME: Place = place("198.51.100.222", ("Stockholm", "Stockholm", "SE"), (59.3293, 18.0686), 64496);
pub static PRAGUE_HOME: Place =
    place("198.51.100.236", ("Praha", "Praha, Hlavni Mesto", "CZ"), (50.0755, 14.4378), 64497);
pub static FABRIKAM_OFFICE: Place = place("203.0.113.140", PORTLAND, PORTLAND_AT, 64498);
pub static TIMOTHEA_HOME: Place = place("192.0.2.130", PORTLAND, PORTLAND_AT, 64499);
pub static EL_PROGRESO: Place = place("192.0.2.44", ("El Progreso", "Yoro", "HN"), (15.4, -87.8), 64499);
pub static SPRAYING_HOST: Place =
    place("192.0.2.66", ("Reykjavik", "Hofudborgarsvaedi", "IS"), (64.1466, -21.9426), 64496);
pub static ANONYMIZER: Place = place("192.0.2.201", ("", "", ""), (0.0, 0.0), 64497);

/// What makes a place part of a named location.
#[derive(Debug)]
enum Extent {
    Addresses { trusted: bool, ranges: &'static [&'static str] },
    Countries(&'static [&'static str]),
}

/// A named location of the tenant.
#[derive(Debug)]
pub struct NamedLocation {
    name: &'static str,
    created: &'static str,
    modified: &'static str,
    extent: Extent,
}

pub static OFFICES: NamedLocation = NamedLocation {
    name: "Contoso offices",
    created: "2019-02-11T10:02:44.1180912Z",
    modified: "2021-01-19T15:20:07.5523187Z",
    extent: Extent::Addresses { trusted: true, ranges: &["203.0.113.0/26", "203.0.113.64/26", "2001:db8:4d::/48"] },
};

pub static PLANT: NamedLocation = NamedLocation {
    name: "Gdańsk plant",
    created: "2020-09-28T07:45:31.0076651Z",
    modified: "2020-09-28T07:45:31.0076651Z",
    extent: Extent::Addresses { trusted: true, ranges: &["198.51.100.64/27"] },
};

pub static FABRIKAM_NETWORK: NamedLocation = NamedLocation {
    name: "Fabrikam partner network",
    created: "2020-11-05T13:11:58.3391204Z",
    modified: "2020-11-05T13:11:58.3391204Z",
    extent: Extent::Addresses { trusted: false, ranges: &["203.0.113.128/27"] },
};

pub static ALLOWED_COUNTRIES: NamedLocation = NamedLocation {
    name: "Allowed countries",
    created: "2019-02-11T10:09:13.7714420Z",
    modified: "2021-04-06T08:30:50.2290334Z",
    extent: Extent::Countries(&["AE", "CZ", "DE", "ES", "FR", "GB", "JP", "PL", "SE", "UA", "US"]),
};

/// All named locations, as the tenant lists them.
pub static NAMED_LOCATIONS: [&NamedLocation; 4] = [&OFFICES, &PLANT, &FABRIKAM_NETWORK, &ALLOWED_COUNTRIES];

impl NamedLocation {
    /// The object id.
    pub fn id(&self) -> String {
        guid(&format!("named location {}", self.name))
    }

    /// Whether requests from here are held to be trustworthy.
    pub fn is_trusted(&self) -> bool {
        matches!(self.extent, Extent::Addresses { trusted: true, .. })
    }

    /// Whether the place lies inside.
    pub fn contains(&self, place: &Place) -> bool {
        match self.extent {
            Extent::Addresses { ranges, .. } => ranges.iter().any(|range| range_contains(range, place.address)),
            Extent::Countries(countries) => countries.contains(&place.country),
        }
    }

    /// The location as Graph returns it.
    pub fn to_json(&self) -> Json {
        let (kind, trusted) = match self.extent {
            Extent::Addresses { trusted, .. } => ("#microsoft.graph.ipNamedLocation", Some(trusted)),
            Extent::Countries(_) => ("#microsoft.graph.countryNamedLocation", None),
        };
        let mut members = vec![
            ("@odata.type", Json::from(kind)),
            ("id", Json::from(self.id())),
            ("displayName", Json::from(self.name)),
            ("modifiedDateTime", Json::from(self.modified)),
            ("createdDateTime", Json::from(self.created)),
        ];
        match self.extent {
            Extent::Addresses { ranges, .. } => {
                members.push(("isTrusted", Json::from(trusted)));
                members.push(("ipRanges", Json::list(ranges.iter().map(|range| range_json(range)))));
            }
            Extent::Countries(countries) => {
                members.push(("countriesAndRegions", Json::texts(countries.iter().copied())));
                members.push(("includeUnknownCountriesAndRegions", Json::from(false)));
                members.push(("countryLookupMethod", Json::from("clientIpAddress")));
            }
        }
        Json::Object(members)
    }
}

/// One address range as Graph returns it.
fn range_json(range: &str) -> Json {
    let kind = if range.contains(':') { "iPv6CidrRange" } else { "iPv4CidrRange" };
    object! {
        "@odata.type": format!("#microsoft.graph.{kind}"),
        "cidrAddress": range,
    }
}

/// Whether an address lies in a range such as `203.0.113.0/26`.
pub fn range_contains(range: &str, address: &str) -> bool {
    let inside = || {
        let (base, length) = range.split_once('/')?;
        let length: u32 = length.parse().ok()?;
        let (base, base_width) = bits(base)?;
        let (address, width) = bits(address)?;
        let shift = width.checked_sub(length)?;
        Some(width == base_width && (base >> shift) == (address >> shift))
    };
    inside().unwrap_or(false)
}

/// An address as a number, and how many bits it has.
fn bits(address: &str) -> Option<(u128, u32)> {
    match address.parse().ok()? {
        IpAddr::V4(address) => Some((u128::from(u32::from(address)), 32)),
        IpAddr::V6(address) => Some((u128::from(address), 128)),
    }
}

impl Place {
    /// The `location` object of a sign-in.
    pub fn to_json(&self) -> Json {
        let coordinates = if self.country.is_empty() {
            Json::Object(Vec::new())
        } else {
            object! {
                "altitude": Json::Null,
                "latitude": self.coordinates.0,
                "longitude": self.coordinates.1,
            }
        };
        object! {
            "city": self.city,
            "state": self.state,
            "countryOrRegion": self.country,
            "geoCoordinates": coordinates,
        }
    }

    /// The `networkLocationDetails` of a sign-in: every named location the place lies in.
    pub fn network_locations(&self) -> Json {
        Json::list(NAMED_LOCATIONS.iter().filter(|location| location.contains(self)).map(|location| {
            let kind = if location.is_trusted() { "trustedNamedLocation" } else { "namedNetwork" };
            object! { "networkType": kind, "networkNames": Json::texts([location.name]) }
        }))
    }
}
