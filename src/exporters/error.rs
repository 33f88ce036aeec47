//! Why a backend did not take a batch, as far as it matters for what to do next.

use http::StatusCode;
use std::time::Duration;

/// Why a batch was not taken. Closed: a reply's text is never looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// There is no connection, or it broke.
    Unreachable,
    /// No reply came in time.
    Timeout,
    /// The backend cannot take it now.
    Busy {
        /// HTTP or gRPC status.
        status: u16,
        /// When it wants to be asked again.
        after: Option<Duration>,
    },
    /// The backend refuses this exporter, not this batch.
    Denied {
        /// HTTP or gRPC status.
        status: u16,
    },
    /// The batch is too large for it.
    TooLarge {
        /// HTTP or gRPC status.
        status: u16,
    },
    /// It refuses this batch.
    Refused {
        /// HTTP or gRPC status.
        status: u16,
    },
    /// The batch cannot be sent this way at all.
    Unsendable,
}

impl SendError {
    /// What an HTTP status means that is no success.
    #[must_use]
    pub fn of_http(status: StatusCode, after: Option<Duration>) -> Self {
        let code = status.as_u16();
        match code {
            429 | 502 | 503 | 504 => Self::Busy { status: code, after },
            // A redirect is not followed: the address is wrong, and no batch's fault.
            300..=399 | 401 | 403 | 404 => Self::Denied { status: code },
            413 => Self::TooLarge { status: code },
            _ => Self::Refused { status: code },
        }
    }

    /// What a gRPC status means that is no success.
    #[must_use]
    pub fn of_grpc(code: tonic::Code, after: Option<Duration>) -> Self {
        use tonic::Code;
        let status = u16::try_from(i32::from(code)).unwrap_or(0);
        match code {
            Code::ResourceExhausted if after.is_none() => Self::TooLarge { status },
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss
            | Code::ResourceExhausted => Self::Busy { status, after },
            // A method that is not there is an address that is not there.
            Code::Unauthenticated | Code::PermissionDenied | Code::NotFound | Code::Unimplemented => {
                Self::Denied { status }
            }
            Code::Ok
            | Code::Unknown
            | Code::InvalidArgument
            | Code::AlreadyExists
            | Code::FailedPrecondition
            | Code::Internal => Self::Refused { status },
        }
    }

    /// The reason as metrics and log lines name it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Busy { .. } => "busy",
            Self::Denied { .. } => "denied",
            Self::TooLarge { .. } => "too_large",
            Self::Refused { .. } => "refused",
            Self::Unsendable => "unsendable",
        }
    }

    /// The HTTP or gRPC status; zero if there was no reply.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Unreachable | Self::Timeout | Self::Unsendable => 0,
            Self::Busy { status, after: _ }
            | Self::Denied { status }
            | Self::TooLarge { status }
            | Self::Refused { status } => status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_http_status_means_something() {
        for code in 300..600 {
            let error = SendError::of_http(StatusCode::from_u16(code).unwrap(), None);
            let label = match code {
                429 | 502..=504 => "busy",
                300..=399 | 401 | 403 | 404 => "denied",
                413 => "too_large",
                _ => "refused",
            };
            assert_eq!((error.label(), error.status()), (label, code));
        }
    }

    #[test]
    fn every_grpc_code_means_something() {
        let labels: Vec<&str> =
            (1..=16).map(|code| SendError::of_grpc(tonic::Code::from_i32(code), None).label()).collect();
        let (busy, denied, refused) = ("busy", "denied", "refused");
        let large = "too_large";
        assert_eq!(
            labels,
            [
                busy, refused, refused, busy, denied, refused, denied, large, refused, busy, busy, denied, refused,
                busy, busy, denied
            ]
        );
        let hinted = SendError::of_grpc(tonic::Code::ResourceExhausted, Some(Duration::from_secs(1)));
        assert_eq!(hinted.label(), busy);
    }
}
