// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Governors.sol";
import {NamedAddress, NamedCounts, NamedUint, addressAt, countsAt, uintAt} from "./Named.sol";

/// The upgradable proxy in front of the stand-ins for StarkWare's L1 contracts: our own contract with the interface and the
/// rules of theirs (version 3.0.2). Both `starknet-core/` and `stark-perpetual/` stand behind it.
///
/// An implementation is announced with its initialiser, may be taken when the delay has passed, and stays usable until it is
/// removed. The first one waits for nothing. What an initialiser refuses with comes back inside `Error(string)`, as raw bytes.
/// Nothing is taken while the one that stands is frozen, or was taken as the last.
contract Proxy is Governors {
    event ImplementationAdded(address indexed implementation, bytes initializer, bool finalize);
    event ImplementationRemoved(address indexed implementation, bytes initializer, bool finalize);
    event ImplementationUpgraded(address indexed implementation, bytes initializer);
    event FinalizedImplementation(address indexed implementation);

    uint256 public constant MAX_UPGRADE_DELAY = 180 days;
    string public constant PROXY_VERSION = "3.0.2";

    bytes32 private constant IMPLEMENTATION = keccak256("StarkWare2019.implemntation-slot");
    bytes32 private constant DELAY = keccak256("StarkWare.Upgradibility.Delay.Slot");
    bytes32 private constant FINALIZED = keccak256("StarkWare2019.finalization-flag-slot");
    /// Solidity's place for the entry of this name in a mapping that is the contract's first variable.
    bytes32 private constant GOVERNORS =
        keccak256(abi.encodePacked("StarkEx.Proxy.2019.GovernorsInformation", uint256(0)));
    /// The mapping of announcements is the fourth variable of StarkWare's proxy.
    bytes32 private constant ANNOUNCED = bytes32(uint256(3));

    constructor(uint256 upgradeActivationDelay) {
        _beginGovernance();
        uintAt(DELAY).value = upgradeActivationDelay;
    }

    /// Nothing sends Ether here without a reason.
    receive() external payable {
        revert("CONTRACT_NOT_EXPECTED_TO_RECEIVE");
    }

    fallback() external payable {
        address to = implementation();
        require(to != address(0), "MISSING_IMPLEMENTATION");
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if done {
                return(0, returndatasize())
            }
            revert(0, returndatasize())
        }
    }

    function implementation() public view returns (address) {
        return addressAt(IMPLEMENTATION).value;
    }

    /// At most `MAX_UPGRADE_DELAY`: an initialiser may have written more.
    function getUpgradeActivationDelay() public view returns (uint256) {
        uint256 delay = uintAt(DELAY).value;
        return delay < MAX_UPGRADE_DELAY ? delay : MAX_UPGRADE_DELAY;
    }

    function isNotFinalized() public view returns (bool) {
        return uintAt(FINALIZED).value == 0;
    }

    /// From when on the implementation may be taken; zero where it is not announced.
    function enabledTime(bytes32 announcement) external view returns (uint256) {
        return countsAt(ANNOUNCED).count[announcement];
    }

    /// Only `upgradeTo` initialises.
    function initialize(bytes calldata) external pure {
        revert("CANNOT_CALL_INITIALIZE");
    }

    function addImplementation(address next, bytes calldata data, bool last) external onlyGovernance {
        require(next.code.length > 0, "ADDRESS_NOT_CONTRACT");
        uint256 from = block.timestamp + getUpgradeActivationDelay();
        countsAt(ANNOUNCED).count[_announcement(next, data, last)] = from;
        emit ImplementationAdded(next, data, last);
    }

    function removeImplementation(address which, bytes calldata data, bool last) external onlyGovernance {
        bytes32 id = _announcement(which, data, last);
        require(countsAt(ANNOUNCED).count[id] > 0, "UNKNOWN_UPGRADE_INFORMATION");
        countsAt(ANNOUNCED).count[id] = 0;
        emit ImplementationRemoved(which, data, last);
    }

    function upgradeTo(address next, bytes calldata data, bool last) external payable onlyGovernance {
        require(isNotFinalized(), "IMPLEMENTATION_FINALIZED");
        address before = implementation();
        require(before == address(0) || !_isFrozen(before), "STATE_IS_FROZEN");
        uint256 from = countsAt(ANNOUNCED).count[_announcement(next, data, last)];
        require(from > 0, "UNKNOWN_UPGRADE_INFORMATION");
        require(next.code.length > 0, "ADDRESS_NOT_CONTRACT");
        require(from <= block.timestamp || before == address(0), "UPGRADE_NOT_ENABLED_YET");

        addressAt(IMPLEMENTATION).value = next;
        (bool done, bytes memory answer) = next.delegatecall(abi.encodeCall(this.initialize, (data)));
        require(done, string(answer));
        (done, answer) = next.delegatecall(abi.encodeWithSignature("isFrozen()"));
        require(done, "CALL_TO_ISFROZEN_REVERTED");
        require(!abi.decode(answer, (bool)), "NEW_IMPLEMENTATION_FROZEN");

        emit ImplementationUpgraded(next, data);
        if (!last) return;
        uintAt(FINALIZED).value = 1;
        emit FinalizedImplementation(next);
    }

    function proxyIsGovernor(address who) external view returns (bool) {
        return _isGovernor(who);
    }

    function proxyNominateNewGovernor(address who) external {
        _nominate(who);
    }

    function proxyRemoveGovernor(address who) external {
        _dismiss(who);
    }

    function proxyAcceptGovernance() external {
        _accept();
    }

    function proxyCancelNomination() external {
        _cancelNomination();
    }

    function _isFrozen(address which) private returns (bool) {
        (bool done, bytes memory answer) = which.delegatecall(abi.encodeWithSignature("isFrozen()"));
        require(done, string(answer));
        return abi.decode(answer, (bool));
    }

    function _announcement(address which, bytes calldata data, bool last) private pure returns (bytes32) {
        return keccak256(abi.encode(which, data, last));
    }

    function _office() internal pure override returns (Office storage office) {
        bytes32 slot = GOVERNORS;
        assembly ("memory-safe") {
            office.slot := slot
        }
    }
}
