//! Computers, phones and browsers.

use crate::identifiers::guid;
use crate::json::{Json, object};

/// How a device is known to the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Not at all: no id, no name, nothing that a policy could rely on.
    Unknown,
    Registered,
    Joined,
    HybridJoined,
}

/// A device, with the client software that speaks for it.
#[derive(Debug)]
pub struct Device {
    /// Empty for an unknown device.
    pub name: &'static str,
    /// `operatingSystem` of the log.
    pub system: &'static str,
    pub browser: &'static str,
    pub agent: &'static str,
    pub trust: Trust,
    pub compliant: bool,
    pub managed: bool,
}

const EDGE_ON_WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/91.0.4472.114 Safari/537.36 Edg/91.0.864.54";
const CHROME_ON_WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/91.0.4472.114 Safari/537.36";
const FIREFOX_ON_WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:89.0) Gecko/20100101 Firefox/89.0";
const CHROME_ON_MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/91.0.4472.114 Safari/537.36";
const SAFARI_ON_IPAD: &str = "Mozilla/5.0 (iPad; CPU OS 14_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
    Version/14.1.1 Mobile/15E148 Safari/604.1";
const TOR: &str = "Mozilla/5.0 (Windows NT 10.0; rv:78.0) Gecko/20100101 Firefox/78.0";

/// A company laptop: joined, managed and compliant.
const LAPTOP: Device = Device {
    name: "",
    system: "Windows 10",
    browser: "Edge 91.0.864",
    agent: EDGE_ON_WINDOWS,
    trust: Trust::Joined,
    compliant: true,
    managed: true,
};

/// A browser on a computer nobody registered.
const PRIVATE_BROWSER: Device = Device {
    browser: "Chrome 91.0.4472",
    agent: CHROME_ON_WINDOWS,
    trust: Trust::Unknown,
    compliant: false,
    managed: false,
    ..LAPTOP
};

pub static ANA_LAPTOP: Device = Device { name: "CONT-ES-LT-0147", ..LAPTOP };
pub static JOSE_LAPTOP: Device = Device { name: "CONT-ES-LT-0162", ..LAPTOP };
pub static ANNELIESE_LAPTOP: Device = Device { name: "CONT-DE-LT-0033", ..LAPTOP };
pub static LAYLA_LAPTOP: Device = Device { name: "CONT-AE-LT-0008", ..LAPTOP };
pub static PRIYA_LAPTOP: Device = Device { name: "CONT-GB-LT-0071", ..LAPTOP };
pub static FREJA_LAPTOP: Device = Device { name: "CONT-SE-LT-0019", ..LAPTOP };
pub static OLENA_LAPTOP: Device =
    Device { name: "CONT-UA-WS-0004", trust: Trust::HybridJoined, compliant: false, ..LAPTOP };
pub static MARCEL_LAPTOP: Device = Device { name: "CONT-FR-WS-0052", trust: Trust::HybridJoined, ..LAPTOP };

/// Hanako's Mac while its disk is not encrypted.
pub static HANAKO_MAC: Device = Device {
    name: "hanako-macbook-pro",
    system: "MacOs",
    browser: "Chrome 91.0.4472",
    agent: CHROME_ON_MAC,
    trust: Trust::Registered,
    compliant: false,
    managed: true,
};
/// The same Mac once Intune is content with it.
pub static HANAKO_MAC_REPAIRED: Device = Device { compliant: true, ..HANAKO_MAC };

/// The browser that asks about the user without showing the device's certificate.
pub static HANAKO_MAC_UNPROVEN: Device = Device { name: "", trust: Trust::Unknown, managed: false, ..HANAKO_MAC };
pub static JOSE_LAPTOP_UNPROVEN: Device =
    Device { name: "", trust: Trust::Unknown, compliant: false, managed: false, ..LAPTOP };

pub static CHROME: Device = PRIVATE_BROWSER;
pub static FIREFOX: Device = Device { browser: "Firefox 89.0", agent: FIREFOX_ON_WINDOWS, ..PRIVATE_BROWSER };
pub static TOR_BROWSER: Device = Device { browser: "Firefox 78.0", agent: TOR, ..PRIVATE_BROWSER };
pub static IPAD: Device =
    Device { system: "Ios", browser: "Mobile Safari 14.1.1", agent: SAFARI_ON_IPAD, ..PRIVATE_BROWSER };

pub static IPHONE: Device =
    Device { system: "Ios", browser: "", agent: "Outlook-iOS/725.3684.prod.iphone (4.2123.0)", ..PRIVATE_BROWSER };
pub static IPHONE_MAIL: Device =
    Device { system: "Ios", browser: "", agent: "Apple-iPhone12C1/1806.72", ..PRIVATE_BROWSER };
pub static ANDROID_PHONE: Device =
    Device { system: "Android", browser: "", agent: "Outlook-Android/2.0 (4.2122.1, Android 11)", ..PRIVATE_BROWSER };
pub static ANDROID_MAIL: Device =
    Device { system: "Android", browser: "", agent: "Android/11-EAS-2.0", ..PRIVATE_BROWSER };
pub static SCRIPT: Device = Device {
    browser: "",
    agent: "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1023",
    ..PRIVATE_BROWSER
};
/// A basic-authentication client, seen through Exchange Online, which signs in on its behalf.
pub static MAIL_PROTOCOL: Device = Device { system: "", browser: "", agent: "BAV2ROPC", ..PRIVATE_BROWSER };
pub static NO_DEVICE: Device = Device { system: "", browser: "", agent: "", ..PRIVATE_BROWSER };

impl Device {
    /// The device id; empty for an unknown device.
    pub fn id(&self) -> String {
        if self.trust == Trust::Unknown { String::new() } else { guid(&format!("device {}", self.name)) }
    }

    /// What browser sessions hang on: the device itself, or what an unknown one shows of itself.
    pub fn session_key(&self) -> &'static str {
        if self.name.is_empty() { self.agent } else { self.name }
    }

    /// Whether the computer signs its user in with a primary refresh token.
    pub fn signs_in_by_itself(&self) -> bool {
        self.trust != Trust::Unknown
    }

    /// Whether a policy that wants a compliant device is content.
    pub fn counts_as_compliant(&self) -> bool {
        self.trust != Trust::Unknown && self.compliant
    }

    /// The platform word of policies, told from the operating system.
    pub fn platform(&self) -> Option<&'static str> {
        match self.system {
            "Windows 10" => Some("windows"),
            "MacOs" => Some("macOS"),
            "Ios" => Some("iOS"),
            "Android" => Some("android"),
            _ => None,
        }
    }

    /// The `deviceDetail` of a sign-in.
    pub fn to_json(&self) -> Json {
        let trust_type = match self.trust {
            Trust::Unknown => "",
            Trust::Registered => "Azure AD registered",
            Trust::Joined => "Azure AD joined",
            Trust::HybridJoined => "Hybrid Azure AD joined",
        };
        object! {
            "deviceId": self.id(),
            "displayName": self.name,
            "operatingSystem": self.system,
            "browser": self.browser,
            "isCompliant": self.compliant,
            "isManaged": self.managed,
            "trustType": trust_type,
        }
    }
}
