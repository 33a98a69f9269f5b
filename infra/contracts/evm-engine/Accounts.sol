// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import {Fixed} from "./Fixed.sol";
import {Funding} from "./Funding.sol";
import {MarketRules} from "./Markets.sol";

interface Token {
    function balanceOf(address owner) external view returns (uint256);
    function decimals() external view returns (uint8);
}

struct Position {
    /// 1e-18 of the asset; below zero for a short.
    int128 size;
    /// What it cost, in collateral; profit is value less cost. It decides nothing but who may be deleveraged.
    int128 cost;
    /// The market's funding index up to which it has paid.
    int192 fundingIndex;
}

struct Account {
    /// Cash in the collateral's smallest units. Below zero where a position was bought with more than was deposited.
    int256 collateral;
    /// The markets of its positions, in no order.
    bytes32[] feedIds;
}

struct Margin {
    int256 value;
    uint256 initial;
    uint256 maintenance;
}

/// Cross-margined accounts. All cash moves between accounts, the insurance fund and the funding pool, so that at any time
/// tokens held = sum of collateral + insurance fund + funding pool; and per market the sizes sum to zero.
abstract contract Accounts is Funding {
    using Fixed for int256;
    using Fixed for uint256;

    event Deposited(address indexed account, address indexed from, uint256 amount);
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    event FundingSettled(address indexed account, bytes32 indexed feedId, int256 payment);
    event PositionChanged(
        address indexed account, bytes32 indexed feedId, int256 size, int256 cost, int256 fundingIndex, int256 collateral
    );
    event CollateralChanged(address indexed account, int256 collateral);
    event InsuranceFundChanged(uint256 balance);

    /// Bounds what a margin test costs.
    uint256 private constant MOST_POSITIONS = 32;
    uint256 internal constant MOST_SIZE = type(uint112).max;

    address public immutable collateralToken;
    /// Price times size in one smallest unit of collateral: 10^(18 + 18 - decimals).
    int256 private immutable unit;

    mapping(address => Account) private accounts;
    mapping(address => mapping(bytes32 => Position)) internal positionOf;

    /// Nobody can withdraw it.
    uint256 public insuranceFund;
    /// Funding that payers have settled and receivers not yet, or the reverse; once all have settled, the rounding, never below zero.
    int256 public fundingPool;

    constructor(address token) {
        uint8 decimals = Token(token).decimals();
        if (decimals > 18) revert InvalidSetting("decimals", decimals);
        collateralToken = token;
        unit = int256(10 ** (36 - decimals));
    }

    function deposit(address account, uint256 amount) external nonReentrant {
        if (account == address(0)) revert ZeroAddress();
        _pull(amount);
        _credit(account, amount.toInt());
        emit Deposited(account, msg.sender, amount);
    }

    /// What is left must meet the initial margin by fresh prices; without positions no price is asked.
    function withdraw(uint256 amount, address to) external nonReentrant {
        _requireWithdrawals();
        if (amount == 0) revert ZeroAmount();
        if (to == address(0) || to == address(this)) revert ZeroAddress();
        _credit(msg.sender, -amount.toInt());
        _requireInitial(msg.sender);
        emit Withdrawn(msg.sender, to, amount);
        _call(abi.encodeWithSignature("transfer(address,uint256)", to, amount));
    }

    /// A gift to the insurance fund.
    function fundInsurance(uint256 amount) external nonReentrant {
        _pull(amount);
        _setInsurance(insuranceFund + amount);
    }

    function accountOf(address owner) external view returns (int256 collateral, bytes32[] memory feedIds) {
        return (accounts[owner].collateral, accounts[owner].feedIds);
    }

    function position(address owner, bytes32 feedId) external view returns (Position memory) {
        return positionOf[owner][feedId];
    }

    /// By fresh prices, with the funding not yet settled.
    function marginOf(address owner) external view returns (Margin memory) {
        return _margin(owner);
    }

    function accountValue(address owner) external view returns (int256) {
        return _margin(owner).value;
    }

    /// The maintenance margin.
    function marginRequirement(address owner) external view returns (uint256) {
        return _margin(owner).maintenance;
    }

    function isLiquidatable(address owner) external view returns (bool) {
        Margin memory margin = _margin(owner);
        return margin.value < margin.maintenance.toInt();
    }

    /// Rounded down: against the holder, long or short.
    function _value(int256 size, uint256 price) internal view returns (int256) {
        return (size * int256(price)).floorDiv(unit);
    }

    function _margin(address owner) internal view returns (Margin memory margin) {
        bytes32[] storage feedIds = accounts[owner].feedIds;
        uint256 count = feedIds.length;
        margin.value = accounts[owner].collateral;
        for (uint256 i = 0; i < count; i++) {
            bytes32 feedId = feedIds[i];
            Position storage held = positionOf[owner][feedId];
            MarketRules storage rules = rulesOf[feedId];
            int256 value = _value(held.size, _freshPrice(feedId));
            margin.value += value + _fundingDue(held, feedId);
            margin.initial += _share(value.abs(), rules.initialMarginBps);
            margin.maintenance += _share(value.abs(), rules.maintenanceMarginBps);
        }
    }

    /// Rounded up.
    function _share(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return (amount * bps).ceilDiv(Fixed.BPS);
    }

    function _maintenance(bytes32 feedId, int256 value) internal view returns (uint256) {
        return _share(value.abs(), rulesOf[feedId].maintenanceMarginBps);
    }

    /// What the position receives, rounded down: payers pay at least what receivers get.
    function _fundingDue(Position storage held, bytes32 feedId) private view returns (int256) {
        int256 change = int256(fundingOf[feedId].index) - held.fundingIndex;
        return (-change * held.size).floorDiv(unit);
    }

    function _requireInitial(address owner) internal view {
        Margin memory margin = _margin(owner);
        if (margin.value < margin.initial.toInt()) revert MarginTooLow(owner, margin.value, margin.initial);
    }

    /// Less requirement, and at least as much value for each unit of it.
    function _isHealthier(Margin memory earlier, Margin memory later) internal pure returns (bool) {
        if (later.maintenance > earlier.maintenance) return false;
        if (later.maintenance == 0) return later.value >= 0;
        return later.value * earlier.maintenance.toInt() >= earlier.value * later.maintenance.toInt();
    }

    function _credit(address owner, int256 amount) internal {
        int256 collateral = accounts[owner].collateral + amount;
        accounts[owner].collateral = collateral;
        emit CollateralChanged(owner, collateral);
    }

    function _setInsurance(uint256 balance) internal {
        insuranceFund = balance;
        emit InsuranceFundChanged(balance);
    }

    /// Settles the position's funding, then changes its size for cash. `extra` is cash that is no part of the price: fees,
    /// penalties, rewards, cover.
    function _change(address owner, bytes32 feedId, int256 size, int256 cash, int256 extra) internal {
        Account storage held = accounts[owner];
        Position storage current = positionOf[owner][feedId];
        int256 due = _fundingDue(current, feedId);
        if (due != 0) {
            fundingPool -= due;
            emit FundingSettled(owner, feedId, due);
        }
        held.collateral += due + cash + extra;

        int256 before = current.size;
        int256 later = before + size;
        if (later.abs() > MOST_SIZE) revert SizeOutOfRange(feedId, later);
        Position memory next =
            Position(int128(later), _costAfter(before, current.cost, size, cash), fundingOf[feedId].index);
        if (before == 0) _open(owner, held, feedId);
        if (later == 0) {
            delete positionOf[owner][feedId];
            _close(held, feedId);
        } else {
            positionOf[owner][feedId] = next;
        }
        emit PositionChanged(owner, feedId, later, next.cost, next.fundingIndex, held.collateral);
    }

    /// Growing adds what was paid; shrinking takes a share away; a turn begins anew with its share of what was paid.
    function _costAfter(int256 before, int256 cost, int256 size, int256 cash) private pure returns (int128) {
        int256 later = before + size;
        if (later == 0) return 0;
        if (before == 0 || (before > 0) == (size > 0)) return Fixed.toInt128(cost - cash);
        if ((later > 0) == (before > 0)) return Fixed.toInt128((cost * later) / before);
        return Fixed.toInt128((-cash * later) / size);
    }

    function _open(address owner, Account storage held, bytes32 feedId) private {
        if (held.feedIds.length == MOST_POSITIONS) revert TooManyPositions(owner, MOST_POSITIONS);
        held.feedIds.push(feedId);
    }

    function _close(Account storage held, bytes32 feedId) private {
        uint256 place = 0;
        while (held.feedIds[place] != feedId) place++;
        held.feedIds[place] = held.feedIds[held.feedIds.length - 1];
        held.feedIds.pop();
    }

    /// Tokens that keep a part of a transfer are refused.
    function _pull(uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        uint256 before = Token(collateralToken).balanceOf(address(this));
        _call(abi.encodeWithSignature("transferFrom(address,address,uint256)", msg.sender, address(this), amount));
        if (Token(collateralToken).balanceOf(address(this)) != before + amount) revert TransferFailed(collateralToken);
    }

    /// Some tokens answer nothing, some `false`.
    function _call(bytes memory data) private {
        (bool done, bytes memory answer) = collateralToken.call(data);
        if (!done || (answer.length != 0 && !abi.decode(answer, (bool)))) revert TransferFailed(collateralToken);
    }
}
