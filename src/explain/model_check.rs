//! Holds the model against the log: every policy of every record, counted by whether the two agree and by the cause where they do
//! not. The log is a free oracle; a difference without a cause is a fault of the model.

use std::collections::BTreeMap;

use crate::domain::SignIn;

use super::access::{Asked, Status, Tenant, decide, from_sign_in};
use super::agreement::Pair;
use super::explanation::{Agreement, Difference};

/// How many differences without a cause are kept to be looked at.
const MOST_FAULTS: usize = 20;

/// How the model fares against the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelCheck {
    /// How many records listed policies.
    pub records: u64,
    /// How many results of policies agree.
    pub agrees: u64,
    /// How many of them only in that the policy applied: whether it was met could not be computed.
    pub agrees_in_applying: u64,
    /// How many differ, by cause.
    pub differs: BTreeMap<Difference, u64>,
    /// How many could not be computed, by what is missing.
    pub not_computed: BTreeMap<Difference, u64>,
    /// How many policies of the log the snapshot lacks.
    pub not_in_snapshot: u64,
    /// How many results of the log say nothing that can be compared.
    pub not_logged: u64,
    /// How often the overall status agrees, differs and could not be computed.
    pub status: (u64, u64, u64),
    /// Differences without a cause, as request id and policy, the first of them.
    pub faults: Vec<(String, String)>,
}

impl ModelCheck {
    /// How many differences have no cause.
    pub fn unclassed(&self) -> u64 {
        self.differs.get(&Difference::Model).copied().unwrap_or(0)
    }

    /// Adds a record.
    pub fn add(&mut self, sign_in: &SignIn, tenant: &Tenant) {
        let logged = sign_in.applied_policies.list();
        if logged.is_empty() {
            return;
        }
        self.records += 1;
        let tenant = &tenant.as_of(sign_in.created, sign_in.user_id.as_deref());
        let context = from_sign_in::context(sign_in, tenant);
        let asked = Asked::new(&context, tenant);
        let decision = decide(&asked);
        for applied in logged {
            let index = tenant.policy_index(&applied.id);
            let found = index.and_then(|index| tenant.snapshot().policies.get(index).zip(decision.policies.get(index)));
            let Some((policy, computed)) = found else {
                self.not_in_snapshot += 1;
                continue;
            };
            let pair = Pair {
                policy,
                evaluation: &computed.evaluation,
                granted: &computed.granted,
                result: computed.result,
                applied,
                sign_in,
                asked: &asked,
            };
            let (agreement, cause) = pair.compare();
            let cause = cause.unwrap_or(Difference::Model);
            match agreement {
                Agreement::Agrees => {
                    self.agrees += 1;
                    self.agrees_in_applying += u64::from(computed.result == "unknown");
                }
                Agreement::NotLogged => self.not_logged += 1,
                Agreement::NotComputed => *self.not_computed.entry(cause).or_default() += 1,
                Agreement::Differs => {
                    *self.differs.entry(cause).or_default() += 1;
                    if cause == Difference::Model && self.faults.len() < MOST_FAULTS {
                        self.faults.push((sign_in.id.clone(), applied.display_name.clone()));
                    }
                }
            }
        }
        let (agree, differ, unknown) = &mut self.status;
        match (decision.status.map(Status::word), sign_in.conditional_access_status.as_ref()) {
            (Some(computed), Some(logged)) if computed == logged.word() => *agree += 1,
            (Some(_), Some(_)) => *differ += 1,
            _ => *unknown += 1,
        }
    }
}
