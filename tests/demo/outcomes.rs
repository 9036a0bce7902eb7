//! How a sign-in can end: the code, and the words the log has for it.

/// The `status` of a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub code: i64,
    /// `failureReason`.
    pub reason: &'static str,
    /// `additionalDetails`.
    pub details: Option<&'static str>,
}

/// Shorthand for the table below.
const fn outcome(code: i64, reason: &'static str) -> Outcome {
    Outcome { code, reason, details: None }
}

pub const GRANTED: Outcome = outcome(0, "Other.");
pub const GRANTED_BY_EARLIER_MFA: Outcome =
    Outcome { details: Some("MFA requirement satisfied by claim in the token"), ..GRANTED };
pub const GRANTED_AFTER_MFA: Outcome = Outcome { details: Some("MFA completed in Azure AD"), ..GRANTED };

pub const UNKNOWN_USER: Outcome =
    outcome(50034, "To sign into this application, the account must be added to the directory.");
pub const LOCKED: Outcome = outcome(
    50053,
    "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
);
pub const MALICIOUS_ADDRESS: Outcome =
    outcome(50053, "Sign-in was blocked because it came from an IP address with malicious activity");
pub const PASSWORD_EXPIRED: Outcome = outcome(50055, "The password is expired.");
pub const ACCOUNT_DISABLED: Outcome = outcome(50057, "The user account is disabled.");
pub const NO_SESSION: Outcome = outcome(50058, "Session information is not sufficient for single-sign-on.");
pub const MFA_REQUIRED: Outcome =
    Outcome { details: Some("MFA required in Azure AD"), ..outcome(50074, "Strong Authentication is required.") };
pub const MFA_REQUIRED_OF_CLIENT: Outcome = Outcome {
    details: Some("MFA required in Azure AD"),
    ..outcome(
        50076,
        "Due to a configuration change made by your administrator, or because you moved to a new location, \
         you must use multi-factor authentication to access this resource.",
    )
};
pub const MFA_REGISTRATION_REQUIRED: Outcome = Outcome {
    details: Some("User needs to enroll for second factor authentication"),
    ..outcome(
        50079,
        "Due to a configuration change made by your administrator, or because you moved to a new location, \
         you must enroll in multi-factor authentication to access this resource.",
    )
};
pub const DEVICE_PROOF_REQUIRED: Outcome = outcome(50097, "Device authentication is required.");
pub const NOT_ASSIGNED: Outcome = outcome(50105, "The signed in user is not assigned to a role for the application.");
pub const WRONG_PASSWORD: Outcome = Outcome {
    details: Some(
        "The user didn't enter the right credentials. It's expected to see some number of these errors in your logs \
         due to users making mistakes.",
    ),
    ..outcome(50126, "Error validating credentials due to invalid username or password.")
};
pub const SENT_TO_HOME_TENANT: Outcome = outcome(50158, "External security challenge was not satisfied.");
pub const GRANT_REVOKED: Outcome =
    outcome(50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed.");
pub const MFA_DENIED: Outcome = Outcome {
    details: Some("MFA denied; user declined the authentication"),
    ..outcome(500121, "Authentication failed during strong authentication request.")
};
pub const NOT_COMPLIANT: Outcome = outcome(53000, "Device is not in required device state: compliant.");
pub const BLOCKED: Outcome = outcome(
    53003,
    "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
);
pub const CONSENT_REQUIRED: Outcome =
    outcome(65001, "The user or administrator has not consented to use the application.");
pub const FREQUENCY_EXPIRED: Outcome = outcome(
    70043,
    "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
);
pub const SECRET_EXPIRED: Outcome = outcome(7000222, "The provided client secret keys are expired.");
