import HaopsTestSupport
import Testing

/// Everything that runs on the lab: one suite after the other, as there is one lab.
///
///     extension OnTheLab {
///         @Suite struct SomethingTests { … }
///     }
@Suite(.requiresLab, .serialized) struct OnTheLab {}
