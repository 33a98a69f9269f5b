// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A set of governors, each with all rights; a new one is named by one of them and takes the office itself.
///
/// A proxy and what stands behind it share their storage and their address, but not their governors: each says where its own
/// are kept, and gives these rules names of its own to be called by.
abstract contract Governors {
    event LogNominatedGovernor(address nominatedGovernor);
    event LogNewGovernorAccepted(address acceptedGovernor);
    event LogRemovedGovernor(address removedGovernor);
    event LogNominationCancelled();

    struct Office {
        mapping(address => bool) holds;
        address candidate;
        bool begun;
    }

    modifier onlyGovernance() {
        require(_isGovernor(msg.sender), "ONLY_GOVERNANCE");
        _;
    }

    /// Where the governors are kept.
    function _office() internal view virtual returns (Office storage);

    /// The sender becomes the first governor.
    function _beginGovernance() internal {
        Office storage office = _office();
        require(!office.begun, "ALREADY_INITIALIZED");
        office.begun = true;
        _install(office, msg.sender);
    }

    function _isGovernor(address who) internal view returns (bool) {
        return _office().holds[who];
    }

    function _nominate(address who) internal onlyGovernance {
        Office storage office = _office();
        require(who != address(0), "BAD_ADDRESS");
        require(!office.holds[who], "ALREADY_GOVERNOR");
        require(office.candidate == address(0), "OTHER_CANDIDATE_PENDING");
        office.candidate = who;
        emit LogNominatedGovernor(who);
    }

    function _cancelNomination() internal onlyGovernance {
        Office storage office = _office();
        if (office.candidate == address(0)) return;
        office.candidate = address(0);
        emit LogNominationCancelled();
    }

    function _accept() internal {
        Office storage office = _office();
        require(msg.sender == office.candidate, "ONLY_CANDIDATE_GOVERNOR");
        _install(office, msg.sender);
        office.candidate = address(0);
    }

    function _dismiss(address who) internal onlyGovernance {
        require(msg.sender != who, "GOVERNOR_SELF_REMOVE");
        Office storage office = _office();
        require(office.holds[who], "NOT_GOVERNOR");
        office.holds[who] = false;
        emit LogRemovedGovernor(who);
    }

    function _install(Office storage office, address who) private {
        require(!office.holds[who], "ALREADY_GOVERNOR");
        office.holds[who] = true;
        emit LogNewGovernorAccepted(who);
    }
}
