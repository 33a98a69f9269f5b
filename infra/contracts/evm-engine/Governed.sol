// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";

/// Who may do what.
///
/// The governor sets rules and roles, through a delay once one is set, and ends a pause. The guardian can only stop things:
/// pause, cancel what is scheduled, take away an operator's or a price signer's role (with too few signers prices stop, and with
/// them everything that needs one). Operators match orders, tick funding
/// and deleverage. Nobody can move an account's collateral or positions outside the rules; but who
/// sets margins and price signers decides what the rules lead to, so on a chain with real money the governor is a multisig and
/// the delay longer than a withdrawal takes.
///
/// Paused, prices are still pushed (so that all is fresh at the end) and deposits and withdrawals of collateral by these rules:
/// deposits always; withdrawals not for the first 7 days and then again, at most 7 days of any 14. Trades, funding,
/// liquidations and deleveraging wait; after the pause, liquidations wait for a grace period more.
abstract contract Governed {
    event GovernorProposed(address indexed governor);
    event GovernorChanged(address indexed governor);
    event GuardianChanged(address indexed guardian);
    event OperatorChanged(address indexed operator, bool allowed);
    event DelayChanged(uint64 delay);
    event Scheduled(bytes32 indexed id, bytes call, uint64 readyAt);
    event ScheduleCancelled(bytes32 indexed id);
    event Executed(bytes32 indexed id);
    event Paused(address indexed by);
    event Unpaused(address indexed by, uint64 liquidationsFrom);

    uint64 private constant MOST_DELAY = 30 days;
    /// A call that nobody executed within this time of being ready is void.
    uint64 private constant SCHEDULE_LIFE = 14 days;
    uint64 private constant WITHDRAWAL_PAUSE = 7 days;

    address public governor;
    address public pendingGovernor;
    address public guardian;
    mapping(address => bool) public isOperator;

    /// Seconds between scheduling a change and its effect. While it is zero the governor acts at once.
    uint64 public delay;
    mapping(bytes32 => uint64) public readyAt;

    bool public paused;
    uint64 public liquidationsFrom;
    uint64 private withdrawalPauseBegan;

    bool private transient entered;

    constructor(address governor_, address guardian_) {
        if (governor_ == address(0)) revert ZeroAddress();
        governor = governor_;
        guardian = guardian_;
        emit GovernorChanged(governor_);
        emit GuardianChanged(guardian_);
    }

    modifier nonReentrant() {
        if (entered) revert Reentered();
        entered = true;
        _;
        entered = false;
    }

    modifier whenRunning() {
        if (paused) revert EnginePaused();
        _;
    }

    modifier onlyOperator() {
        if (!isOperator[msg.sender]) revert NotOperator(msg.sender);
        _;
    }

    /// The governor, by way of `schedule` and `execute` where there is a delay.
    modifier onlyGovernance() {
        if (msg.sender != (delay == 0 ? governor : address(this))) revert NotGovernor(msg.sender);
        _;
    }

    modifier onlyGovernor() {
        if (msg.sender != governor) revert NotGovernor(msg.sender);
        _;
    }

    /// Stopping needs no delay.
    modifier onlyStopper() {
        if (msg.sender != guardian && msg.sender != governor) revert NotGuardian(msg.sender);
        _;
    }

    function proposeGovernor(address next) external onlyGovernance {
        pendingGovernor = next;
        emit GovernorProposed(next);
    }

    function acceptGovernor() external {
        if (msg.sender != pendingGovernor) revert NotPendingGovernor(msg.sender);
        governor = msg.sender;
        pendingGovernor = address(0);
        emit GovernorChanged(msg.sender);
    }

    function setGuardian(address next) external onlyGovernance {
        guardian = next;
        emit GuardianChanged(next);
    }

    function addOperator(address operator) external onlyGovernance {
        if (operator == address(0)) revert ZeroAddress();
        isOperator[operator] = true;
        emit OperatorChanged(operator, true);
    }

    function removeOperator(address operator) external onlyStopper {
        isOperator[operator] = false;
        emit OperatorChanged(operator, false);
    }

    function setDelay(uint64 next) external onlyGovernance {
        if (next > MOST_DELAY) revert InvalidSetting("delay", next);
        delay = next;
        emit DelayChanged(next);
    }

    /// Announces a call of this contract to itself. Its id is the call's hash.
    function schedule(bytes calldata data) external onlyGovernor returns (bytes32 id) {
        id = keccak256(data);
        if (readyAt[id] != 0) revert AlreadyScheduled(id);
        uint64 ready = uint64(block.timestamp) + delay;
        readyAt[id] = ready;
        emit Scheduled(id, data, ready);
    }

    function cancelScheduled(bytes32 id) external onlyStopper {
        if (readyAt[id] == 0) revert NotScheduled(id);
        delete readyAt[id];
        emit ScheduleCancelled(id);
    }

    function execute(bytes calldata data) external onlyGovernor {
        bytes32 id = keccak256(data);
        uint64 ready = readyAt[id];
        if (ready == 0) revert NotScheduled(id);
        if (block.timestamp < ready) revert NotReady(id, ready);
        if (block.timestamp > ready + SCHEDULE_LIFE) revert ScheduleExpired(id, ready + SCHEDULE_LIFE);
        delete readyAt[id];
        (bool done, bytes memory answer) = address(this).call(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        emit Executed(id);
    }

    function pause() external onlyStopper whenRunning {
        paused = true;
        // A pause soon after another one does not start the withdrawals' time again.
        if (block.timestamp >= withdrawalPauseBegan + 2 * WITHDRAWAL_PAUSE) {
            withdrawalPauseBegan = uint64(block.timestamp);
        }
        emit Paused(msg.sender);
    }

    function unpause() external onlyGovernor {
        if (!paused) revert NotPaused();
        paused = false;
        liquidationsFrom = uint64(block.timestamp) + _liquidationGrace();
        emit Unpaused(msg.sender, liquidationsFrom);
    }

    function _requireWithdrawals() internal view {
        uint64 until = withdrawalPauseBegan + WITHDRAWAL_PAUSE;
        if (paused && block.timestamp < until) revert WithdrawalsPaused(until);
    }

    function _liquidationGrace() internal view virtual returns (uint64);
}
